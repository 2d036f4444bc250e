import type { JobListener, JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import { settled } from "../changes";
import { cancelled } from "../ends";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { patiently } from "./patience";
import { fromText, toText } from "./record-text";
import { queueUnavailable } from "./unavailable";

/** Who follows one job here. */
interface Follower {
  readonly listener: JobListener;
  /** What came before it was known where the job stands. */
  early: string[] | undefined;
  seen: number;
}

interface Topic {
  readonly followers: Set<Follower>;
  last: JobRecord | undefined;
  /** It is not there yet. */
  isAhead: boolean;
}

/** News of single jobs, whichever process makes them. */
export interface News {
  follow(id: string, listener: JobListener): Promise<() => void>;
  /** The jobs followed here that wait, as they were last heard of. */
  waiting(): readonly JobRecord[];
  /** Tells the end of jobs that are followed here and are gone without a word, as when Redis was emptied. */
  missGone(): Promise<void>;
  close(): void;
}

/** @param onControl hears what is said to all processes; `undefined`: something may have been missed */
export function createNews(
  connections: Connections,
  keys: Keys,
  ledger: Ledger,
  onControl: (message: string | undefined) => void,
): News {
  const { subscriber } = connections;
  const topics = new Map<string, Topic>();
  const idOf = new Map<string, string>();
  let isClosed = false;

  function tell(topic: Topic, follower: Follower, job: JobRecord): void {
    if (job.seq <= follower.seen || !topic.followers.has(follower)) return;
    follower.seen = job.seq;
    follower.listener(job);
  }

  function hear(topic: Topic, job: JobRecord): void {
    if (topic.last !== undefined && job.seq <= topic.last.seq) return;
    topic.last = job;
    for (const follower of [...topic.followers]) if (follower.early === undefined) tell(topic, follower, job);
  }

  const withBase = (known: JobRecord, state: string) => fromText({ base: toText(known).base, state });

  function onMessage(channel: string, message: string): void {
    if (channel === keys.control) onControl(message);
    const id = idOf.get(channel) ?? "";
    const topic = topics.get(id);
    if (topic === undefined) return;
    for (const { early } of topic.followers) early?.push(message);
    const job = topic.last && withBase(topic.last, message);
    if (job !== undefined) hear(topic, job);
    else if (topic.isAhead) meet(id, topic).catch(() => {});
  }

  /** A job that was followed before it was there has come: what was said of it can be understood. */
  async function meet(id: string, topic: Topic): Promise<void> {
    topic.isAhead = false;
    const row = await ledger.read(id).catch(() => undefined);
    if (row === undefined) {
      topic.isAhead = true;
      return;
    }
    for (const follower of [...topic.followers]) {
      if (follower.early !== undefined) release(topic, follower, row.record);
      tell(topic, follower, row.record);
    }
  }

  /** Tells what came before it was known where the job stands. */
  function release(topic: Topic, follower: Follower, record: JobRecord): void {
    if (topic.last === undefined || topic.last.seq < record.seq) topic.last = record;
    const early = follower.early ?? [];
    follower.early = undefined;
    for (const message of early) {
      const job = withBase(record, message);
      if (job === undefined) continue;
      if (topic.last.seq < job.seq) topic.last = job;
      tell(topic, follower, job);
    }
  }

  async function catchUp(): Promise<void> {
    const ids = [...topics.keys()];
    const ahead = new Set(ids.filter((id) => topics.get(id)?.isAhead));
    const rows = await patiently(
      () => ledger.readAll(ids),
      () => !isClosed,
    );
    for (const [index, id] of ids.entries()) {
      const topic = topics.get(id);
      if (topic?.isAhead) await meet(id, topic);
      // One that came about since then is not to be judged by what was read before.
      if (topic?.last === undefined || isTerminal(topic.last) || ahead.has(id)) continue;
      hear(topic, rows[index]?.record ?? gone(topic.last));
    }
  }

  async function missGone(): Promise<void> {
    const followed = [...topics].filter(([, { last }]) => last !== undefined && !isTerminal(last));
    if (followed.length === 0) return;
    const replies = await connections.askAll((pipeline) => {
      for (const [id] of followed) pipeline.exists(keys.job(id));
    });
    for (const [index, [, topic]] of followed.entries()) {
      if (replies[index] === 0 && topic.last !== undefined) hear(topic, gone(topic.last));
    }
  }

  async function resume(): Promise<void> {
    await subscriber.subscribe(keys.control, ...idOf.keys());
    onControl(undefined);
    // What was said during the outage nobody has heard.
    await catchUp();
  }

  // It fails when the connection is lost again: the next one brings another try.
  const onReady = () => void resume().catch(() => {});

  function leave(id: string, topic: Topic, follower: Follower): void {
    topic.followers.delete(follower);
    if (topic.followers.size > 0 || topics.get(id) !== topic) return;
    topics.delete(id);
    idOf.delete(keys.news(id));
    subscriber.unsubscribe(keys.news(id)).catch(() => {});
  }

  subscriber.on("message", onMessage);
  subscriber.on("ready", onReady);
  if (subscriber.status === "ready") onReady();

  return {
    async follow(id, listener) {
      const topic = topics.get(id) ?? { followers: new Set(), last: undefined, isAhead: false };
      const follower: Follower = { listener, early: [], seen: 0 };
      topics.set(id, topic);
      idOf.set(keys.news(id), id);
      topic.followers.add(follower);
      const stop = () => leave(id, topic, follower);
      try {
        await subscriber.subscribe(keys.news(id)).catch((error: unknown) => {
          throw queueUnavailable(error);
        });
        const row = await ledger.read(id);
        if (row === undefined) {
          topic.isAhead = true;
          if (follower.early?.length) await meet(id, topic);
          return stop;
        }
        if (isTerminal(row.record)) {
          stop();
          return stop;
        }
        follower.seen = row.record.seq;
        release(topic, follower, row.record);
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
    waiting: () => [...topics.values()].flatMap(({ last }) => (last?.status === "queued" ? [last] : [])),
    missGone,
    close() {
      isClosed = true;
      topics.clear();
      subscriber.off("message", onMessage);
      subscriber.off("ready", onReady);
    },
  };
}

/** It was removed, and ended so. */
const gone = (last: JobRecord): JobRecord => settled(last, cancelled(), last.createdAt, 0);
