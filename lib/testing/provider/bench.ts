import { AssertionError, ok } from "node:assert/strict";

import type {
  HttpClient,
  ImageProvider,
  MaybePromise,
  ModelCard,
  Op,
  ProbeContext,
  TaskFields,
} from "../../ports";
import { until, within } from "../patience";
import { type AskedPictures, asked } from "./asked";
import { type Call, quiet, startCall, type Watching } from "./call";
import { contextClient } from "./context-client";
import type { Delivery } from "./delivery";
import { plainClient } from "./plain-client";
import type { ProviderSubject, ProviderUnderTest, ScriptedUpstream } from "./subject";
import { openWire, type Wire } from "./wire";

/** Declares the tests of one or more rules. */
export interface Declare {
  /** A test that every provider takes. */
  readonly always: (title: string, body: (bench: Bench) => Promise<void>) => void;
  /** A test for providers whose upstream is played by the author. */
  readonly withUpstream: (
    title: string,
    body: (bench: Bench, upstream: ScriptedUpstream) => Promise<void>,
  ) => void;
}

interface Given extends Watching, AskedPictures {
  readonly fields?: Partial<TaskFields>;
  readonly op?: Op;
  /** Another instance than the bench's own. */
  readonly by?: ImageProvider;
}

/** One provider under test, alone with its upstream. */
export interface Bench {
  readonly provider: ImageProvider;
  readonly cards: readonly ModelCard[];
  /** The one that the calls are for. */
  readonly card: ModelCard;
  readonly wire: Wire;
  /** The most pictures that one call is asked for. */
  readonly most: number;
  /** A second instance, as another process on the same upstream would have it. */
  another(): Promise<ImageProvider>;
  probe(http?: HttpClient): ProbeContext;
  start(given?: Given): Call;
  /** Makes a call and waits for all its pictures. */
  deliver(given?: Given): Promise<Delivery>;
  /** What a call fails with. */
  failure(call: Call): Promise<unknown>;
  soon<T>(what: string, work: PromiseLike<T> | T): Promise<T>;
  until(what: string, probe: () => boolean): Promise<void>;
}

const PATIENCE_MS = 10_000;
const MOST = 3;

/** Opens a bench for one test and closes it whatever comes of the test. */
export async function onBench<U extends ScriptedUpstream>(
  subject: ProviderSubject<U>,
  body: (bench: Bench, upstream: U | undefined) => Promise<void>,
): Promise<void> {
  const { upstream, create } = await stage(subject);
  const all: ProviderUnderTest[] = [];
  const calls: Call[] = [];
  const make = async () => {
    const made = await create();
    all.push(made);
    return made;
  };
  try {
    const made = await make();
    const another = async () => (await make()).provider;
    await body(await openBench(made, another, subject.patienceMs ?? PATIENCE_MS, calls), upstream);
  } finally {
    for (const call of calls) call.abort();
    for (const made of all) {
      await made.provider.close?.();
      await subject.dispose?.(made);
    }
    await upstream?.close?.();
  }
}

async function stage<U extends ScriptedUpstream>(
  subject: ProviderSubject<U>,
): Promise<{ upstream: U | undefined; create: () => MaybePromise<ProviderUnderTest> }> {
  if (subject.upstream === undefined) return { upstream: undefined, create: () => subject.create() };
  const upstream = await subject.upstream();
  return { upstream, create: () => subject.create(upstream) };
}

async function openBench(
  { provider, model, http = plainClient }: ProviderUnderTest,
  another: Bench["another"],
  patienceMs: number,
  calls: Call[],
): Promise<Bench> {
  const soon: Bench["soon"] = (what, work) => within(patienceMs, what, work);
  const probe = (way: HttpClient = http) => {
    const { signal } = new AbortController();
    return { signal, http: contextClient(way, signal), log: quiet };
  };
  const cards = await soon("models", provider.models(probe()));
  const card = model === undefined ? cards[0] : cards.find(({ id }) => id === model);
  ok(card, "the provider has a card for the model to ask for");
  const wire = openWire(http);
  const start: Bench["start"] = ({ fields = {}, op, images, mask, by = provider, ...watching } = {}) => {
    const tools = { http: wire.http, plain: http };
    const call = startCall(by, asked(card, fields, op, { images, mask }), tools, watching);
    calls.push(call);
    return call;
  };
  return {
    provider,
    cards,
    card,
    wire,
    most: Math.min(card.limits?.n ?? MOST, MOST),
    another,
    probe,
    start,
    soon,
    until: (what, probing) => until(patienceMs, what, probing),
    deliver: (given) => soon("all pictures of a call", start(given).outcome),
    failure: ({ outcome }) =>
      soon(
        "the rejection of a call",
        outcome.then(
          () => {
            throw new AssertionError({ message: "the call did not fail" });
          },
          (error: unknown) => error,
        ),
      ),
  };
}
