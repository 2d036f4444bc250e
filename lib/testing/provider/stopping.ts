import { AssertionError, equal } from "node:assert/strict";

import type { HttpRequest, HttpResponse } from "../../ports";
import { HttpError, ProviderError } from "../../ports";
import { until, within } from "../patience";
import type { Bench, Declare } from "./bench";
import type { Call } from "./call";
import type { ScriptedUpstream } from "./subject";
import { brokenOff, type Meddle, silence } from "./wire";

/** Within what a call ends once its signal has aborted. */
const STOP_MS = 1_000;
/** Within what a provider has told its upstream, or has given up to tell it. */
const TELL_MS = 5_000;

/** Rule 3: what an abort does. */
export function testStopping({ always, withUpstream }: Declare): void {
  always("3. where the signal has aborted already nothing begins", async (bench) => {
    const call = bench.start({ signal: AbortSignal.abort() });
    await stops(call);
    // What goes out with an aborted signal is not sent.
    const sent = bench.wire.exchanges.filter(({ request }) => !request.signal.aborted);
    equal(sent.length, 0);
  });

  always("3. an abort at the first sign of work ends the call within a second", async (bench) => {
    const stop = new AbortController();
    const atOnce = () => stop.abort();
    bench.wire.meddle = (_request, _nth, pass) => {
      atOnce();
      return pass();
    };
    const call = bench.start({ signal: stop.signal, onReport: atOnce });
    await bench.soon("a sign of work", Promise.race([aborted(stop.signal), call.outcome.catch(() => {})]));
    if (stop.signal.aborted) await stops(call);
  });

  withUpstream(
    "3. an abort while the upstream works ends the call within a second",
    async (bench, upstream) => {
      await abortedAtWork(bench, upstream);
      equal(upstream.calls(), 1);
    },
  );

  withUpstream("3. an abort while a request is unanswered ends the call within a second", async (bench) => {
    await atEveryRequest(bench, (request, _pass, reached) => {
      reached();
      return silence(request);
    });
  });

  withUpstream("3. an abort while an answer comes in ends the call within a second", async (bench) => {
    await atEveryRequest(bench, async (request, pass, reached) =>
      brokenOff(await pass(), () => {
        reached();
        return silence(request);
      }),
    );
  });

  withUpstream("3. an abort leaves no request open", async (bench, upstream) => {
    await abortedAtWork(bench, upstream);
    await closesAll(bench);
  });

  withUpstream("3. an upstream that does not listen does not hold up the abort", async (bench, upstream) => {
    await abortedAtWork(bench, upstream, silence);
    await closesAll(bench);
  });

  withUpstream("3. the upstream is told, where the card says that it can stop", async (bench, upstream) => {
    const canStop = bench.card.cancel?.running;
    if (canStop === undefined || canStop === "no") return;
    let isTold = false;
    const { call, open } = await abortedAtWork(bench, upstream, (request, _nth, pass) => {
      isTold ||= !request.signal.aborted;
      return pass();
    });
    // Work that lives on without its request is not stopped by ending that.
    const isCut = () => call.refs.length === 0 && open.length > 0 && open.every((each) => each.isOver());
    await until(TELL_MS, "a word to the upstream, or the end of the request", () => isTold || isCut());
  });
}

/** Aborts a call while the upstream is at work on it; `then` meets the requests that follow. */
async function abortedAtWork(bench: Bench, upstream: ScriptedUpstream, then?: Meddle) {
  const { card, provider, wire } = bench;
  upstream.hang();
  const call = bench.start();
  await bench.until("the call of the upstream", () => upstream.calls() === 1);
  const outlives = card.resume === true || provider.cancel !== undefined;
  // Work that nobody can name yet cannot be stopped.
  const isNamed = () => call.refs.length > 0 || wire.exchanges.length > 1;
  await bench.until("the answer to the call", () => !outlives || isNamed());
  const open = wire.exchanges.filter((exchange) => !exchange.isOver());
  if (then !== undefined) wire.meddle = then;
  call.abort();
  await stops(call);
  return { call, open };
}

/** Makes a call for each request that one call makes, and aborts it when that request is held. */
async function atEveryRequest(
  bench: Bench,
  hold: (
    request: HttpRequest,
    pass: () => Promise<HttpResponse>,
    reached: () => void,
  ) => Promise<HttpResponse>,
): Promise<void> {
  const { exchanges } = bench.wire;
  await bench.deliver();
  const requests = exchanges.length;
  for (let at = 0; at < requests; at++) {
    const held = new AbortController();
    const first = exchanges.length;
    bench.wire.meddle = (request, nth, pass) =>
      nth === first + at ? hold(request, pass, () => held.abort()) : pass();
    const call = bench.start();
    await bench.soon(`request ${at}`, Promise.race([aborted(held.signal), call.outcome.catch(() => {})]));
    call.abort();
    // How often work under way is looked after may differ from call to call.
    if (held.signal.aborted) await stops(call);
  }
}

const closesAll = ({ wire }: Bench): Promise<void> =>
  until(TELL_MS, "the end of every request", () => wire.exchanges.every((exchange) => exchange.isOver()));

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Waits for the end of an aborted call: in time, and as one that was cancelled. */
export async function stops(call: Call): Promise<void> {
  const error = await within(
    STOP_MS,
    "the end of an aborted call",
    call.outcome.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  if (ProviderError.is(error)) {
    equal(error.fault, "cancelled");
    return;
  }
  const isOfData = call.stage() === "data" && HttpError.is(error) && error.failure === "aborted";
  if (!isOfData)
    throw new AssertionError({ message: "an aborted call rejects with ProviderError 'cancelled'" });
}
