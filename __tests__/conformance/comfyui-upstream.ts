import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";

import { type JsonObject, numberMember, objectMember, textMember } from "../../lib/internal/json-shape";
import type { ScriptedUpstream } from "../../lib/testing/provider";
import type { OtherPicture } from "../providers/comfyui/played-run";
import { type RecordedRun, readRecording, recordedRuns } from "../providers/comfyui/recording";
import { type Replay, replay } from "../providers/comfyui/replay";

export const KEY = "comfy-proxy-0123456789";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** What a graph that is sent meets with. */
type Mode = "works" | "hangs" | "crashes" | ((response: ServerResponse) => void);

const answering =
  (status: number, body: unknown, type = "application/json") =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": type });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

/** What the real server answered to a graph that was wrong in this way. */
function refusal(name: string): (response: ServerResponse) => void {
  const lines = readRecording("07-validation-errors");
  const notes = lines.filter((line) => line["note"] !== undefined);
  const run = recordedRuns(lines)[notes.findIndex((line) => line["note"] === `case: ${name}`)];
  if (run === undefined) throw new Error(`no case ${name}`);
  return answering(run.status, run.answer);
}

export interface ComfyUIUpstream extends ScriptedUpstream {
  readonly server: Replay;
}

/** A real server as it was recorded; its pictures follow from the prompt. */
export async function startComfyUI(recording: string, isOld: boolean): Promise<ComfyUIUpstream> {
  let mode: Mode = "works";
  let images: number | undefined;
  let changed = () => {};
  let change = new Promise<void>(() => {});
  const turn = (next: Mode, count?: number) => {
    mode = next;
    images = count;
    changed();
    change = new Promise((resolve) => {
      changed = resolve;
    });
  };
  turn("works");
  const [, broken] = recordedRuns(readRecording("08-execution-error"));

  const server = await replay(recording, {
    isOld,
    runs: [0],
    choose: (): RecordedRun | undefined => (mode === "crashes" ? broken : undefined),
    pictures: (prompt) => paint(prompt, images),
    async before() {
      while (mode === "hangs") await change;
      return true;
    },
    meddle(request, response) {
      if (request.method !== "POST" || request.url !== "/api/prompt" || typeof mode === "string")
        return false;
      calls += 1;
      mode(response);
      return true;
    },
  });
  let calls = 0;

  return {
    server,
    succeed: (how = {}) => turn("works", how.images),
    hang: () => turn("hangs"),
    failures: {
      auth: () => turn(answering(401, `<h1>401</h1><p>${KEY}</p>`, "text/html")),
      overloaded: () => turn(answering(503, `<h1>503</h1><p>${server.url}</p>`, "text/html")),
      bad_request: () => turn(refusal("seed 2^64")),
      unknown_model: () => turn(refusal("checkpoint not in list")),
      crash: () => turn("crashes"),
      unknown_answer: () => turn(answering(200, { queued: true })),
    },
    calls: () => calls + server.posts.length,
    secrets: [KEY, server.url],
    controls: ["embedding:easynegative", "(embedding:easynegative:1.2)"],
    close: () => server.close(),
  };
}

/** As many pictures as the graph's batch, each made of the words that it is given. */
function paint(prompt: JsonObject, count: number | undefined): OtherPicture[] {
  const nodes = Object.values(prompt).map((node) => objectMember(node, "inputs"));
  const words = nodes.map((inputs) => textMember(inputs, "text") ?? "").join("|");
  const batch = nodes.map((inputs) => numberMember(inputs, "batch_size")).find((size) => size !== undefined);
  return Array.from({ length: count ?? batch ?? 1 }, (_, at) => {
    const digest = createHash("sha256").update(`${at} ${words}`).digest();
    return { filename: `${digest.toString("hex").slice(0, 12)}.png`, bytes: withChunk(digest) };
  });
}

/** A pixel with these bytes in a chunk that stays in. */
function withChunk(data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write("sBIT", 4, "latin1");
  data.copy(chunk, 8);
  return Buffer.concat([PIXEL.subarray(0, 33), chunk, PIXEL.subarray(33)]);
}
