import { AssertionError, equal, notEqual, ok } from "node:assert/strict";

import type { Fault, HttpFailure, Op, ProviderErrorInfo } from "../../ports";
import { HttpError, ProviderError } from "../../ports";
import { opsOf } from "./asked";
import type { Bench, Declare } from "./bench";
import type { Call } from "./call";
import type { UpstreamFailure } from "./subject";
import { brokenOff, madeUp } from "./wire";

interface Meaning {
  readonly kind: UpstreamFailure;
  readonly title: string;
  /** Any of them will do. */
  readonly faults: readonly Fault[];
  /** What the error must not say of the work. */
  readonly notStarted?: ProviderErrorInfo["started"];
}

/** A retry is decided by these two words: a wrong one is paid twice, or never tried again. */
const MEANINGS: readonly Meaning[] = [
  { kind: "auth", title: "a refused key is auth", faults: ["auth"], notStarted: "yes" },
  { kind: "quota", title: "an empty account is quota", faults: ["quota"], notStarted: "yes" },
  {
    kind: "rate_limit",
    title: "too many calls are rate_limit",
    faults: ["rate_limit"],
    notStarted: "yes",
  },
  {
    kind: "overloaded",
    title: "an upstream that is too busy is overloaded or unavailable",
    faults: ["overloaded", "unavailable", "rate_limit"],
    notStarted: "yes",
  },
  {
    kind: "bad_request",
    title: "a value that the upstream does not take is invalid_request or unsupported_param",
    faults: ["invalid_request", "unsupported_param"],
  },
  { kind: "content_policy", title: "a refused prompt is content_policy", faults: ["content_policy"] },
  {
    kind: "unknown_model",
    title: "a model that the upstream does not have is not_found or misconfigured",
    faults: ["not_found", "misconfigured"],
    notStarted: "yes",
  },
  {
    kind: "crash",
    title: "an upstream that breaks at work may have begun it",
    faults: ["unavailable", "overloaded", "internal", "timeout"],
    notStarted: "no",
  },
  {
    kind: "unknown_answer",
    title: "an answer that the upstream's documentation does not know is protocol",
    faults: ["protocol"],
    notStarted: "no",
  },
];

/** Answers of something that is not the upstream: a proxy, a login page, another API. */
const STRANGE: readonly (readonly [body: string, contentType: string])[] = [
  ["<!doctype html><title>Sign in</title>", "text/html"],
  ["", "application/json"],
  ["null", "application/json"],
  ["[]", "application/json"],
  ["{}", "application/json"],
  ["17", "application/json"],
  ['"ok"', "application/json"],
  ['{"id": ', "application/json"],
];

const BROKEN: readonly (readonly [failure: HttpFailure, started: "no" | "maybe"])[] = [
  ["dns", "no"],
  ["refused", "no"],
  ["tls", "no"],
  ["connect_timeout", "no"],
  ["write_timeout", "maybe"],
  ["first_byte_timeout", "maybe"],
  ["reset", "maybe"],
  ["protocol", "maybe"],
];

/** Rule 2: everything that goes wrong becomes one kind of error, which says what it means. */
export function testFailures({ always, withUpstream }: Declare): void {
  always("2. what no card offers is refused before anything begins", async (bench) => {
    const all: readonly Op[] = ["generate", "edit", "variation"];
    for (const op of all.filter((each) => !opsOf(bench.card).includes(each))) {
      const { fault, info } = await providerFailure(bench, bench.start({ op }));
      ok(["invalid_request", "unsupported_param"].includes(fault), `${op} is ${fault}`);
      equal(info.started, "no");
    }
  });

  for (const { kind, title, faults, notStarted } of MEANINGS) {
    withUpstream(`2. ${title}`, async (bench, { failures }) => {
      const fail = failures[kind];
      // This upstream never does.
      if (fail === undefined) return;
      fail();
      const { fault, info, message } = await providerFailure(bench, bench.start());
      ok(faults.includes(fault), `${fault} is not ${faults.join(" or ")}`);
      notEqual(info.started, notStarted);
      notEqual(message, "");
    });
  }

  always("2. an answer that is not the upstream's is protocol", async (bench) => {
    for (const [body, contentType] of STRANGE) {
      bench.wire.meddle = async () => madeUp(200, body, { "content-type": contentType });
      const error = await wireFailure(bench);
      if (error === undefined) continue;
      equal(error.fault, "protocol", `${error.fault} for ${contentType} ${body}`);
      notEqual(error.info.started, "no");
    }
  });

  always("2. a status that is not the upstream's is a ProviderError", async (bench) => {
    for (const status of [204, 302, 404, 418, 500, 503]) {
      bench.wire.meddle = async () => madeUp(status, "");
      await wireFailure(bench);
    }
  });

  always(
    "2. a connection that fails is no more certain to have begun nothing than it says",
    async (bench) => {
      for (const [failure, started] of BROKEN) {
        bench.wire.meddle = () => Promise.reject(new HttpError(failure, started, "the connection failed"));
        const error = await wireFailure(bench);
        if (error === undefined) continue;
        notEqual(error.fault, "cancelled");
        if (started === "maybe") notEqual(error.info.started, "no", `${failure} may have begun`);
        else equal(error.info.started, "no", `${failure} cannot have begun`);
      }
    },
  );

  withUpstream("2. an answer that breaks off is a ProviderError", async (bench) => {
    const breakAt = (at: number) => {
      const first = bench.wire.exchanges.length;
      bench.wire.meddle = async (_request, nth, pass) =>
        nth === first + at ? brokenOff(await pass(), truncated) : pass();
      return bench.start();
    };
    await bench.deliver();
    const requests = bench.wire.exchanges.length;
    for (let at = 0; at < requests; at++) {
      const call = breakAt(at);
      // What became of work under way may be asked again.
      if (await succeeds(bench, call)) continue;
      notEqual((await providerFailure(bench, call)).info.started, "no");
    }
  });
}

const truncated = () => Promise.reject(new HttpError("truncated", "maybe", "the answer ended early"));

const succeeds = (bench: Bench, { outcome }: Call): Promise<boolean> =>
  bench.soon(
    "the end of a call",
    outcome.then(
      () => true,
      () => false,
    ),
  );

/** The error of a call, which must be of the one kind. Data may also fail as `ctx.http` does. */
async function providerFailure(bench: Bench, call: Call): Promise<ProviderError> {
  const error = await bench.failure(call);
  if (ProviderError.is(error)) return error;
  if (call.stage() === "data" && HttpError.is(error)) {
    return new ProviderError("protocol", error.message, { started: "yes" });
  }
  const name = error instanceof Error ? error.name : typeof error;
  throw new AssertionError({ message: `the call failed with ${name}, not with ProviderError` });
}

/** The error of a call whose requests went wrong; none where the provider has made no request. */
async function wireFailure(bench: Bench): Promise<ProviderError | undefined> {
  const before = bench.wire.exchanges.length;
  const call = bench.start();
  if (await succeeds(bench, call)) {
    equal(bench.wire.exchanges.length, before, "no pictures without an answer");
    return undefined;
  }
  return providerFailure(bench, call);
}
