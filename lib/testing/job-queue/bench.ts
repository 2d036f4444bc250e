import { fail } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { JobClaim, JobLimits, JobQueue, JobRecord, JobRunner, NewJob } from "../../ports";
import { isTerminal } from "../../ports";
import { completed, plan } from "./samples";
import type { JobQueueSuite } from "./suite";

interface Asked extends Partial<NewJob> {
  readonly limits?: Partial<JobLimits>;
  readonly startBy?: number;
  readonly isWaitedFor?: boolean;
}

/** Declares one test about a queue of its own. */
export type Test = (title: string, body: (bench: Bench) => Promise<void>) => void;

/** One queue under test, with all that was heard of it. */
export interface Bench {
  readonly queue: JobQueue;
  /** Every change that a listener has heard, in the order of hearing. */
  readonly heard: readonly JobRecord[];
  /** Every claim that a runner got. */
  readonly claims: readonly JobClaim[];
  now(): number;
  /** Turns the clock of the queue. */
  pass(ms: number): void;
  submit(asked?: Asked): Promise<JobRecord>;
  /** Starts to work, by default with a runner that does nothing until `finish`. */
  work(run?: JobRunner): void;
  /** Settles the job as completed, and lets its runner go. */
  finish(id: string): Promise<JobRecord | undefined>;
  /** Lets the runner of a job go as it is. */
  letGo(id: string): void;
  /** Follows a job; gives what is heard, as it comes. */
  follow(id: string): Promise<{ readonly heard: readonly JobRecord[]; stop(): void }>;
  /** Waits until `probe` gives something; it is asked after every change, every claim and all that is heard. */
  until<T>(what: string, probe: () => T | undefined): Promise<T>;
  untilClaimed(id: string): Promise<JobClaim>;
  untilEnded(id: string): Promise<JobRecord>;
  /** Waits until another job has come: what was to be heard before has been heard then. */
  untilQuiet(): Promise<void>;
  /** Another process of a shared queue. */
  another(): Promise<Bench>;
  close(): Promise<void>;
}

const PLENTY: JobLimits = { running: 100, queued: 100 };
const PATIENCE_MS = 5_000;

export async function openBench(suite: JobQueueSuite, maxQueued: number): Promise<Bench> {
  const clock = { passed: 0 };
  const queue = await suite.create({ clock: () => Date.now() + clock.passed, maxQueued });
  return benchOf(queue, suite, clock, maxQueued);
}

async function benchOf(
  queue: JobQueue,
  suite: JobQueueSuite,
  clock: { passed: number },
  maxQueued: number,
): Promise<Bench> {
  await queue.ready?.();
  const now = () => Date.now() + clock.passed;
  const others: Bench[] = [];
  const heard: JobRecord[] = [];
  const claims: JobClaim[] = [];
  const probes = new Set<() => void>();
  const wake = () => {
    for (const probe of [...probes]) probe();
  };
  const gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>();
  const gateOf = (id: string) => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const gate = gates.get(id) ?? { opened, open };
    gates.set(id, gate);
    return gate;
  };
  queue.watch((job) => {
    heard.push(job);
    wake();
  });

  const until: Bench["until"] = (what, probe) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = probe();
        if (found === undefined) return;
        clearTimeout(timer);
        probes.delete(look);
        resolve(found);
      };
      const giveUp = () => {
        probes.delete(look);
        reject(new Error(`waited in vain for ${what}`));
      };
      const timer = setTimeout(giveUp, suite.patienceMs ?? PATIENCE_MS);
      probes.add(look);
      look();
    });

  const bench: Bench = {
    queue,
    heard,
    claims,
    now,
    until,
    pass(ms) {
      clock.passed += ms;
      wake();
    },
    submit({ limits, startBy = now() + 600_000, isWaitedFor = false, ...job } = {}) {
      const admission = { limits: { ...PLENTY, ...limits }, startBy, isWaitedFor };
      return queue.submit({ ...newJob(), ...job }, admission);
    },
    work(run = ({ job }) => gateOf(job.id).opened) {
      queue.work((claim) => {
        claims.push(claim);
        claim.signal.addEventListener("abort", wake, { once: true });
        wake();
        return run(claim);
      });
    },
    async finish(id) {
      const ended = await queue.settle(id, completed());
      gateOf(id).open();
      return ended;
    },
    async follow(id) {
      const news: JobRecord[] = [];
      const stop = await queue.follow(id, (job) => {
        news.push(job);
        wake();
      });
      return { heard: news, stop };
    },
    letGo: (id) => gateOf(id).open(),
    untilClaimed: (id) => until("a runner to get the job", () => claims.find(({ job }) => job.id === id)),
    untilEnded: (id) =>
      until("the end of the job", () => heard.find((job) => job.id === id && isTerminal(job))),
    async untilQuiet() {
      const { id } = await bench.submit({ owner: "marker", limitKey: "marker" });
      await until("news of another job", () => heard.find((job) => job.id === id));
    },
    async another() {
      const opened = await suite.another?.(queue, { clock: now, maxQueued });
      if (opened === undefined) return fail("the suite opens no other");
      const other = await benchOf(opened, suite, clock, maxQueued);
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all(others.map((other) => other.close()));
      for (const { job } of claims) bench.letGo(job.id);
      await queue.close({ timeoutMs: 0 });
      await suite.dispose?.(queue);
    },
  };
  return bench;
}

/** The code of the error with which `work` is refused. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
  return fail("was not refused");
}

const newJob = (): NewJob => ({
  id: `imgjob_${randomBytes(16).toString("hex")}`,
  owner: "owner",
  limitKey: "key",
  requestId: "req_1",
  request: { op: "generate", model: "model", prompt: "prompt", n: 1, unknown: Object.create(null) },
  responseFormat: "url",
  provider: "provider",
  plan,
  warnings: [],
});
