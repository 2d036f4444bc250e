import { isObject, type JsonObject, member, textMember } from "../../../internal/json-shape";
import type { Progress } from "../../../ports/provider";
import type { Frame } from "../server/frames";
import type { Sighting } from "../server/sighting";
import type { Ending } from "./ending";
import { isEnd, type Meter } from "./meter";

/** One run, from the moment it may exist on a server. */
export interface AccountedRun {
  /** Whose pictures are served. */
  readonly outputId: string;
  /** The pictures come over the socket and are kept nowhere else: so many are awaited. */
  readonly framesWanted: number;
  readonly meter: Meter;
  progress(progress: Progress): void;
  wantsPreviews(): boolean;
}

/** What is known of a run: from what it tells, and from what the server says when it is asked. The first truth wins. */
export interface Account {
  readonly ending: Ending | undefined;
  readonly isRunning: boolean;
  /** @returns whether the server has to be asked what became of it */
  message(type: string, data: unknown): boolean;
  picture(frame: Frame): void;
  /** @returns whether the server has to be asked again soon */
  look(sighting: Sighting): boolean;
}

export function createAccount(run: AccountedRun): Account {
  const { meter, outputId, framesWanted } = run;
  const outputs: Record<string, unknown> = {};
  const frames: Uint8Array[] = [];
  let ending: Ending | undefined;
  let isRunning = false;
  let isAtOutput = false;
  let isDoneSeen = false;

  const end = (how: Ending) => {
    ending ??= how;
  };

  function takeOutput(data: JsonObject): void {
    const node = textMember(data, "display_node") ?? textMember(data, "node");
    if (node !== undefined) outputs[node] = data["output"];
  }

  return {
    get ending() {
      return ending;
    },
    get isRunning() {
      return isRunning;
    },
    message(type, data) {
      if (!isObject(data) || ending !== undefined) return false;
      if (type !== "progress_state") isRunning = true;
      if (type === "executed") takeOutput(data);
      if (type === "executing") isAtOutput = member(data, "node") === outputId;
      if (type === "execution_interrupted") end({ kind: "interrupted" });
      // A blocked branch is told like an error, and the run goes on.
      if (type === "execution_error" && textMember(data, "exception_type") !== "ExecutionBlocked") {
        end({ kind: "failed", report: data });
      }
      const isComplete = framesWanted > 0 ? frames.length > 0 : Object.hasOwn(outputs, outputId);
      if (type === "execution_success" && isComplete) end({ kind: "done", outputs, frames });
      if (meter.take(type, data)) run.progress(meter.reading());
      return ending === undefined && (type === "execution_success" || isEnd(type, data));
    },
    picture({ nodeId, type, bytes }) {
      if (ending !== undefined) return;
      const isResult = framesWanted > 0 && (nodeId === undefined ? isAtOutput : nodeId === outputId);
      if (!isResult) {
        if (run.wantsPreviews()) run.progress({ ...meter.reading(), preview: { type, bytes } });
        return;
      }
      if (frames.length < framesWanted) frames.push(bytes);
    },
    look(sighting) {
      switch (sighting.state) {
        case "pending": {
          const { position } = sighting;
          const place = position === undefined ? {} : { queuePosition: position };
          if (!isRunning) run.progress({ phase: "queued", ...place });
          return false;
        }
        case "running":
          isRunning = true;
          if (meter.take("execution_start", {})) run.progress(meter.reading());
          return false;
        case "done": {
          // The pictures may still be on their way through a stalled socket.
          const isAwaited = framesWanted > frames.length && !isDoneSeen;
          isDoneSeen = true;
          if (!isAwaited) end({ kind: "done", outputs: sighting.outputs, frames });
          return isAwaited;
        }
        case "failed":
          end({ kind: "failed", report: sighting.report });
          return false;
        case "interrupted":
          end({ kind: "interrupted" });
          return false;
        case "unknown":
          return false;
      }
    },
  };
}
