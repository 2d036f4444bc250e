import { isObject, member, textMember } from "../../../lib/internal/json-shape";
import { type RecordedRun, readRecording, recordedRuns } from "./recording";

/** A recorded run that is played under the id that the provider gave it. */
export interface PlayedRun {
  readonly id: string;
  readonly isOver: boolean;
  /** Sends its messages one after the other; `isNext` is asked before each, and may take its time. */
  play(
    send: (message: string | Buffer) => void,
    isNext: (message: string | Buffer, index: number) => Promise<"send" | "skip" | "end">,
  ): Promise<void>;
  /** Stops it, and says whether there was anything to stop. */
  cancel(): boolean;
  /** What `GET /api/jobs/:id` says of it. */
  job(): unknown;
  /** What `GET /history/:id` says of it. */
  history(): unknown;
}

/** A picture that a run makes instead of a recorded one. */
export interface OtherPicture {
  readonly filename: string;
  readonly bytes: Buffer;
}

/** Where a recorded run was stopped: what the server told then. */
const stopped = (): readonly (string | Buffer)[] => {
  const [run] = recordedRuns(readRecording("09-interrupt"));
  const { messages = [], promptId = "" } = run ?? {};
  const from = messages.findIndex(isInterruption);
  return messages.slice(from).map((message) => renamed(message, promptId, "ID"));
};

const isInterruption = (message: string | Buffer): boolean =>
  typeof message === "string" && message.includes('"execution_interrupted"');

const isEnd = (message: string | Buffer): boolean =>
  typeof message === "string" && /"executing".*"node":null/.test(message);

/** @param pictures what it makes instead of what was recorded */
export function playedRun(id: string, run: RecordedRun, pictures?: readonly OtherPicture[]): PlayedRun {
  let state: "running" | "cancelled" | "ended" = "running";
  let stop = () => {};
  const cancelled = new Promise<"end">((resolve) => {
    stop = () => resolve("end");
  });
  const recordedId = run.promptId ?? "";
  const messages = run.messages
    .map((message) => renamed(message, recordedId, id))
    .flatMap((message, index, all) => {
      if (pictures === undefined) return [message];
      if (typeof message === "string") return [tellingOf(pictures, message)];
      if (!isFinal(message)) return [message];
      return all.findIndex(isFinal) === index ? pictures.map(({ bytes }) => holding(bytes, message)) : [];
    });
  const kept = pictures === undefined ? member(run.history, "outputs") : undefined;
  const outputs = kept ?? outputsOf(messages);

  const ending = (): readonly (string | Buffer)[] =>
    messages.some(isInterruption)
      ? messages.slice(messages.findIndex(isInterruption))
      : stopped().map((message) => renamed(message, "ID", id));

  const asTold = (recorded: unknown): unknown =>
    recorded === undefined || pictures !== undefined
      ? undefined
      : JSON.parse(JSON.stringify(recorded).replaceAll(recordedId, id));

  return {
    id,
    get isOver() {
      return state !== "running";
    },
    async play(send, isNext) {
      for (const [index, message] of messages.entries()) {
        await new Promise((resolve) => setImmediate(resolve));
        // It was stopped when it was recorded, and waits to be stopped again.
        if (isInterruption(message)) await cancelled;
        const next = state === "cancelled" ? "end" : await Promise.race([isNext(message, index), cancelled]);
        if (next === "end") break;
        if (isEnd(message)) state = "ended";
        if (next === "send") send(message);
      }
      if (state === "cancelled") for (const message of ending()) send(message);
      else state = "ended";
    },
    cancel() {
      if (state !== "running") return false;
      state = "cancelled";
      stop();
      return true;
    },
    job() {
      if (state === "running") return { id, status: "in_progress", outputs: {} };
      if (state === "cancelled") return { id, status: "cancelled", outputs: {} };
      const recorded = asTold(run.job);
      if (isFinished(recorded)) return recorded;
      return { id, status: isFailed(run.history) ? "failed" : "completed", outputs };
    },
    history() {
      if (state === "running") return undefined;
      if (state === "cancelled") return entry("error", {}, [["execution_interrupted", { prompt_id: id }]]);
      return asTold(run.history) ?? entry("success", outputs, []);
    },
  };
}

const entry = (status: string, outputs: unknown, messages: unknown): unknown => ({
  outputs,
  status: { status_str: status, completed: status === "success", messages },
});

const isFinished = (job: unknown): boolean =>
  isObject(job) && !["pending", "in_progress"].includes(textMember(job, "status") ?? "");

const isFailed = (history: unknown): boolean =>
  textMember(member(history, "status"), "status_str") === "error";

function renamed(message: string | Buffer, from: string, to: string): string | Buffer {
  if (typeof message === "string") return message.replaceAll(from, to);
  // Ids of one length only, else the frame's own length field would be wrong.
  return Buffer.from(message.toString("latin1").replaceAll(from, to.slice(0, from.length)), "latin1");
}

/** The same message, telling of these pictures where it told of pictures. */
function tellingOf(pictures: readonly OtherPicture[], message: string): string {
  if (!message.includes('"type":"executed"')) return message;
  const json = JSON.parse(message);
  const [{ type = "output" } = {}] = json.data.output.images;
  json.data.output.images = pictures.map(({ filename }) => ({ filename, subfolder: "", type }));
  return JSON.stringify(json);
}

const headOf = (message: Buffer): Buffer => message.subarray(0, 8 + message.readUInt32BE(4));

/** A finished picture, not a preview. */
const isFinal = (message: string | Buffer): boolean =>
  typeof message !== "string" && message.readUInt32BE(0) === 4 && headOf(message).includes("image/png");

const holding = (bytes: Buffer, message: Buffer): Buffer => Buffer.concat([headOf(message), bytes]);

/** What its messages tell of outputs. */
function outputsOf(messages: readonly (string | Buffer)[]): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const message of messages) {
    if (typeof message !== "string") continue;
    const parsed: unknown = JSON.parse(message);
    const data = member(parsed, "data");
    if (member(parsed, "type") === "executed") outputs[String(member(data, "node"))] = member(data, "output");
  }
  return outputs;
}
