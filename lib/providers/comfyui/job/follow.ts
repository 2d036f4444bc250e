import { isPassing } from "../faults";
import type { Caller } from "../server/api";
import type { JobListener, Link } from "../server/link";
import type { Watcher } from "../server/sighting";
import type { Timing } from "../timing";
import type { Account } from "./account";
import { createAlarm } from "./alarm";
import type { Ending } from "./ending";

export interface FollowedRun {
  readonly promptId: string;
  readonly account: Account;
  /** It was sent before now: where it stands is not known. */
  readonly isUnderWay: boolean;
  readonly timing: Timing;
}

export interface Follower {
  readonly listener: JobListener;
  /** The server works under another id than it was asked to. */
  rename(promptId: string): void;
  /** Resolves when the run has ended, by whichever tells first: the socket, or the server when it is asked. */
  ending(link: Link, watcher: Watcher, caller: Caller): Promise<Ending>;
}

/** Listens to a run and, where the socket is down or silent, looks after it. Asking alone is able to finish it. */
export function createFollower({ account, isUnderWay, timing, ...run }: FollowedRun): Follower {
  let { promptId } = run;
  const alarm = createAlarm();
  let heardAt = performance.now();
  /** Messages of a run go to the socket that sent it: of one that another process sent there may never be any. */
  let isHeard = !isUnderWay;
  /** Something has happened that only the server can explain. */
  let isInDoubt = isUnderWay;
  let hasQueueMoved = false;
  /** Before the graph was taken nobody knows of the run. */
  let isFollowing = false;
  let lastLook = performance.now();
  let unknowns = 0;
  let silentSince: number | undefined;

  /** When the run is looked up next. */
  function dueAt(link: Link): number {
    if (isInDoubt) return lastLook + timing.pollMs / 4;
    if (!link.isOpen || !isHeard) return Math.max(lastLook, heardAt) + timing.pollMs;
    if (hasQueueMoved && !account.isRunning) return lastLook + timing.queueMs;
    return heardAt + timing.silenceMs;
  }

  /** @returns how it ended, when that is plain now */
  async function lookUp(link: Link, watcher: Watcher, caller: Caller): Promise<Ending | undefined> {
    const now = performance.now();
    const isSilent = link.isOpen && now - heardAt >= timing.silenceMs;
    lastLook = now;
    isInDoubt = false;
    hasQueueMoved = false;
    try {
      const sighting = await watcher.find(caller, promptId);
      silentSince = undefined;
      // Twice, because a run may be nowhere for a moment.
      unknowns = sighting.state === "unknown" ? unknowns + 1 : 0;
      // Beside what was told while the answer was on its way, which may have made that old.
      if (account.look(sighting) || unknowns === 1) isInDoubt = true;
      // It ended, or goes on, without a word: the server may have forgotten this socket.
      if (isSilent && sighting.state !== "pending") link.renew();
      if (isSilent) heardAt = now;
      return unknowns > 1 ? { kind: "lost" } : undefined;
    } catch (error) {
      if (caller.signal.aborted || !isPassing(error)) throw error;
      silentSince ??= now;
      watcher.forget();
      isInDoubt = true;
      const isGone = performance.now() - silentSince >= timing.unreachableMs;
      return isGone ? { kind: "unreachable", cause: error } : undefined;
    }
  }

  return {
    listener: {
      message(type, data) {
        heardAt = performance.now();
        isHeard = true;
        if (account.message(type, data)) isInDoubt = true;
        alarm.ring();
      },
      picture(frame) {
        heardAt = performance.now();
        account.picture(frame);
      },
      stirred(what) {
        // Nothing is told twice: what came while the socket was down has to be asked for.
        if (what === "opened") isInDoubt = isFollowing;
        if (what === "queue") {
          heardAt = performance.now();
          hasQueueMoved = true;
        }
        alarm.ring();
      },
    },
    rename(id) {
      promptId = id;
    },
    async ending(link, watcher, caller) {
      isFollowing = true;
      for (;;) {
        if (account.ending !== undefined) return account.ending;
        caller.signal.throwIfAborted();
        const wait = dueAt(link) - performance.now();
        if (wait > 0) {
          await alarm.wait(wait, caller.signal);
          continue;
        }
        const seen = await lookUp(link, watcher, caller);
        if (seen !== undefined) return account.ending ?? seen;
      }
    },
  };
}
