import { isObject, type JsonObject, member, textMember } from "../../../internal/json-shape";
import type { Progress } from "../../../ports/provider";
import { isUnreachable } from "../faults";
import type { Pace } from "../pace";
import type { Caller } from "../server/api";
import type { Frame } from "../server/frames";
import type { JobListener, Link } from "../server/link";
import type { Sighting, Watcher } from "../server/sighting";
import { createAlarm } from "./alarm";
import type { Ending } from "./ending";
import { isEnd, type Meter } from "./meter";

/** One run, from the moment it may exist on a server. */
export interface FollowedRun {
  readonly promptId: string;
  /** Whose pictures are served. */
  readonly outputId: string;
  /** The pictures come over the socket and are kept nowhere else: so many are awaited. */
  readonly framesWanted: number;
  /** It was sent before now: where it stands is not known. */
  readonly isUnderWay: boolean;
  readonly meter: Meter;
  readonly pace: Pace;
  progress(progress: Progress): void;
  wantsPreviews(): boolean;
}

export interface Follower {
  readonly listener: JobListener;
  /** The server works under another id than it was asked to. */
  rename(promptId: string): void;
  /** Resolves when the run has ended, by whichever tells first: the socket, or the server when it is asked. */
  ending(link: Link, watcher: Watcher, caller: Caller): Promise<Ending>;
}

/** Listens to a run and, where the socket is down or silent, looks after it. Asking alone is able to finish it. */
export function createFollower(run: FollowedRun): Follower {
  const { pace, meter, outputId } = run;
  let { promptId } = run;
  const alarm = createAlarm();
  const outputs: Record<string, unknown> = {};
  const frames: Uint8Array[] = [];
  let ending: Ending | undefined;
  let isRunning = false;
  let isAtOutput = false;
  let heardAt = performance.now();
  /** Something has happened that only the server can explain. */
  let isInDoubt = run.isUnderWay;
  let hasQueueMoved = false;
  /** Before the graph was taken nobody knows of the run. */
  let isFollowing = false;
  let lastLook = performance.now();
  let unknowns = 0;
  let silentSince: number | undefined;
  let isDoneSeen = false;

  const end = (how: Ending) => {
    ending ??= how;
    alarm.ring();
  };
  const doubt = () => {
    isInDoubt = true;
    alarm.ring();
  };

  function message(type: string, data: unknown): void {
    heardAt = performance.now();
    if (!isObject(data) || ending !== undefined) return;
    if (type !== "progress_state") isRunning = true;
    if (type === "executed") takeOutput(data);
    if (type === "executing") isAtOutput = member(data, "node") === outputId;
    if (type === "execution_success") succeeded();
    if (type === "execution_interrupted") end({ kind: "interrupted" });
    // A blocked branch is told like an error, and the run goes on.
    if (type === "execution_error" && textMember(data, "exception_type") !== "ExecutionBlocked") {
      end({ kind: "failed", report: data });
    }
    if (isEnd(type, data)) doubt();
    if (meter.take(type, data)) run.progress(meter.reading());
  }

  function takeOutput(data: JsonObject): void {
    const node = textMember(data, "display_node") ?? textMember(data, "node");
    if (node !== undefined) outputs[node] = data["output"];
  }

  function succeeded(): void {
    const isComplete = run.framesWanted > 0 ? frames.length > 0 : Object.hasOwn(outputs, outputId);
    if (isComplete) end({ kind: "done", outputs, frames });
    else doubt();
  }

  function picture(frame: Frame): void {
    heardAt = performance.now();
    if (ending !== undefined) return;
    const isResult =
      run.framesWanted > 0 && (frame.nodeId === undefined ? isAtOutput : frame.nodeId === outputId);
    if (isResult) {
      if (frames.length < run.framesWanted) frames.push(frame.bytes);
      return;
    }
    const { type, bytes } = frame;
    if (run.wantsPreviews()) run.progress({ ...meter.reading(), preview: { type, bytes } });
  }

  /** Takes in what the server says; the first truth wins. */
  function look(sighting: Sighting): void {
    switch (sighting.state) {
      case "pending":
        if (isRunning) return;
        run.progress({
          phase: "queued",
          ...(sighting.position === undefined ? {} : { queuePosition: sighting.position }),
        });
        return;
      case "running":
        isRunning = true;
        if (meter.take("execution_start", {})) run.progress(meter.reading());
        return;
      case "done":
        // The pictures may still be on their way through a stalled socket.
        if (run.framesWanted > frames.length && !isDoneSeen) isDoneSeen = true;
        else end({ kind: "done", outputs: sighting.outputs, frames });
        return;
      case "failed":
        end({ kind: "failed", report: sighting.report });
        return;
      case "interrupted":
        end({ kind: "interrupted" });
        return;
      case "unknown":
    }
  }

  /** When the run is looked up next. */
  function dueAt(link: Link): number {
    if (isInDoubt) return lastLook + pace.pollMs / 4;
    if (!link.isOpen) return Math.max(lastLook, heardAt) + pace.pollMs;
    if (hasQueueMoved && !isRunning) return lastLook + pace.queueMs;
    return heardAt + pace.silenceMs;
  }

  /** @returns how it ended, when that is plain now */
  async function lookUp(link: Link, watcher: Watcher, caller: Caller): Promise<Ending | undefined> {
    const now = performance.now();
    const isSilent = link.isOpen && now - heardAt >= pace.silenceMs;
    lastLook = now;
    isInDoubt = false;
    hasQueueMoved = false;
    try {
      const sighting = await watcher.find(caller, promptId);
      silentSince = undefined;
      // Twice, because a run may be nowhere for a moment.
      unknowns = sighting.state === "unknown" ? unknowns + 1 : 0;
      isInDoubt = unknowns === 1;
      look(sighting);
      // It ended, or goes on, without a word: the server may have forgotten this socket.
      if (isSilent && sighting.state !== "pending") link.renew();
      if (isSilent) heardAt = now;
      return unknowns > 1 ? { kind: "lost" } : undefined;
    } catch (error) {
      if (caller.signal.aborted || !isUnreachable(error)) throw error;
      silentSince ??= now;
      watcher.forget();
      isInDoubt = true;
      const isGone = performance.now() - silentSince >= pace.unreachableMs;
      return isGone ? { kind: "unreachable", cause: error } : undefined;
    }
  }

  return {
    listener: {
      message,
      picture,
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
      while (ending === undefined) {
        caller.signal.throwIfAborted();
        const wait = dueAt(link) - performance.now();
        if (wait > 0) {
          await alarm.wait(wait, caller.signal);
          continue;
        }
        const seen = await lookUp(link, watcher, caller);
        ending ??= seen;
      }
      return ending;
    },
  };
}
