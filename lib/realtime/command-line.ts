import type { Logger, Principal } from "../ports";
import { GatewayError } from "../ports";
import { toImageJob } from "../wire/job";
import { acknowledgement } from "./acknowledgement";
import type { Command } from "./commands";
import type { Ack } from "./events";
import { toErrorBody } from "./refusal";
import type { Session } from "./session";
import { showSnapshot } from "./snapshots";

/**
 * Turns commands into listeners of one socket. They run one after the other, so that `subscribe` and then `unsubscribe` end in
 * silence however long each takes; nothing that a client sends, or leaves out, makes one throw.
 *
 * @param maxWaiting commands beyond it are refused
 */
export function createCommandLine<P extends Principal>(session: Session<P>, log: Logger, maxWaiting: number) {
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0;

  const run = async (command: Command, payload: unknown, answer: (ack: Ack) => void) => {
    try {
      // A socket that has gone is owed nothing, and its rooms are closed.
      if (session.signal.aborted) return;
      const { job, snapshots } = await command(payload);
      if (session.signal.aborted) return;
      answer({ ok: true, job: job === undefined ? null : toImageJob(job) });
      for (const snapshot of snapshots) showSnapshot(session, snapshot);
    } catch (error) {
      if (!session.signal.aborted) answer({ ok: false, error: toErrorBody(error, log) });
    } finally {
      waiting -= 1;
    }
  };

  return (command: Command) =>
    (...args: readonly unknown[]) => {
      const ack = acknowledgement(args);
      const answer = ack ?? (() => {});
      const payload = typeof args[0] === "function" ? undefined : args[0];
      if (waiting >= maxWaiting) {
        answer({ ok: false, error: tooMany.body });
        return;
      }
      waiting += 1;
      tail = tail.then(() => run(command, payload, answer));
    };
}

const tooMany = new GatewayError("rate_limit_exceeded", "Too many commands wait for an answer. Slow down.");
