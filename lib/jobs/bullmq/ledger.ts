import { randomUUID } from "node:crypto";
import type { Clock, JobRecord, Logger } from "../../ports";
import type { Feed } from "../feed";
import { NOTICES_MS } from "../notice-delays";
import { holdsKey } from "../reuse";
import type { Connections } from "./connections";
import type { Hold } from "./holds";
import type { Keys } from "./keys";
import { patiently } from "./patience";
import { fromText, toText } from "./record-text";
import { textsOf } from "./reply";
import type { Row, Step } from "./row";
import { FORGET } from "./scripts/forget";
import { WRITE } from "./scripts/write";
import type { Tickets } from "./tickets";

/** Reads and writes the records. Each write is a compare-and-set: who was overtaken reads again and decides anew. */
export interface Ledger {
  /** `undefined`: unknown, expired, or none of ours. */
  read(id: string): Promise<Row | undefined>;
  readAll(ids: readonly string[]): Promise<readonly (Row | undefined)[]>;
  /** Also one that has expired or was removed, as long as it is there. */
  readEnded(id: string): Promise<Row | undefined>;
  /**
   * @param decide gives the next state; a record: that is the answer, and nothing changes; `undefined`: likewise without an answer
   * @param hold the claim under which it is written: what Redis is not there for is tried again for a while
   */
  change(
    id: string,
    decide: (row: Row) => Step | JobRecord | undefined,
    hold?: Hold,
  ): Promise<JobRecord | undefined>;
  forget(id: string, owner?: string): Promise<void>;
}

/** A record that has expired is kept a little longer, until a sweep takes all that belongs to it away. */
const SWEEP_MARGIN_MS = 3_600_000;
const FIELDS = ["base", "state", "rev", "stop", "startBy", "gone"];

export function createLedger(options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly tickets: Tickets;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Logger;
}): Ledger {
  const { connections, keys, tickets, feed, clock, log } = options;

  function toRow(id: string, fields: unknown): Row | undefined {
    if (!Array.isArray(fields)) return undefined;
    const [base, state, rev, stop, startBy, gone] = fields.map((field: unknown) =>
      typeof field === "string" ? field : undefined,
    );
    if (base === undefined && state === undefined && rev === undefined) return undefined;
    const record = fromText({ base: base ?? "", state: state ?? "" });
    if (record === undefined || record.id !== id || !Number.isSafeInteger(Number(rev))) {
      log.warn({ code: "invalid_job", jobId: id }, "what Redis has under the name of a job is none");
      return undefined;
    }
    const isStopped = stop !== undefined;
    return { record, rev: Number(rev), isStopped, startBy: Number(startBy), isGone: gone !== undefined };
  }

  const isThere = ({ record: { expiresAt }, isGone }: Row) =>
    !isGone && (expiresAt === undefined || expiresAt > clock());

  async function readAny(ids: readonly string[]): Promise<readonly (Row | undefined)[]> {
    if (ids.length === 0) return [];
    const replies = await connections.askAll((pipeline) => {
      for (const id of ids) pipeline.hmget(keys.job(id), ...FIELDS);
    });
    return ids.map((id, index) => toRow(id, replies[index]));
  }

  async function readAll(ids: readonly string[]): Promise<readonly (Row | undefined)[]> {
    return (await readAny(ids)).map((row) => (row !== undefined && isThere(row) ? row : undefined));
  }

  const read = async (id: string) => (await readAll([id]))[0];

  function write({ rev }: Row, { record, what }: Step, hold: Hold | undefined, nonce: string) {
    const { id, status, expiresAt = 0, startedAt, completedAt = 0 } = record;
    const claim = hold?.isWritten ? hold.claim : "";
    const args = [keys.prefix, id, rev, nonce, claim, toText(record).state, status, clock(), what];
    if (what === "claim" || what === "begin") args.push(hold?.claim ?? "");
    if (what === "end") {
      const tells = record.request.webhook !== undefined;
      const keptMs = Math.max(expiresAt - completedAt, tells ? NOTICES_MS : 0) + SWEEP_MARGIN_MS;
      args.push(expiresAt, keptMs, holdsKey(record) ? "keep" : "free");
      args.push(tells ? "tell" : "");
      args.push(startedAt === undefined ? "" : `${completedAt} ${completedAt - startedAt}`);
    }
    return connections.run(WRITE, keys.job(id), ...args);
  }

  const change: Ledger["change"] = async (id, decide, hold) => {
    const isOurs = () => hold !== undefined && !hold.isLost;
    for (;;) {
      const row = hold?.known ?? (await patiently(() => read(id), isOurs));
      if (row === undefined) {
        hold?.cancel();
        return undefined;
      }
      if (hold !== undefined) hold.known = row;
      if (row.isStopped) hold?.cancel();
      const step = decide(row);
      if (step === undefined || !("what" in step)) return step;
      // Sent again under the same nonce, it is known as the same write.
      const nonce = randomUUID();
      const [answer, ...promoted] = textsOf(await patiently(() => write(row, step, hold, nonce), isOurs));
      void tickets.add(promoted);
      if (answer === "ok") {
        if (hold !== undefined) hold.known = { ...row, record: step.record, rev: row.rev + 1 };
        if (step.what !== "quiet" && step.what !== "claim") feed.tell(step.record);
        return step.record;
      }
      if (hold !== undefined) hold.known = undefined;
      if (answer === "lost") hold?.lose();
      if (answer !== "conflict") return undefined;
    }
  };

  return {
    read,
    readAll,
    readEnded: async (id) => (await readAny([id]))[0],
    change,
    async forget(id, owner = "") {
      const promoted = await connections.run(FORGET, keys.job(id), keys.prefix, id, owner, clock());
      void tickets.add(textsOf(promoted));
    },
  };
}
