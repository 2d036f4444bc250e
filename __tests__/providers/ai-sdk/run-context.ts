import { contextClient } from "../../../lib/core/context-client";
import type { HttpClient } from "../../../lib/ports/http-client";
import { HttpError } from "../../../lib/ports/http-client";
import type { Logger } from "../../../lib/ports/logger";
import type { ImageOut, Progress, RunContext, RunResult } from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import type { ImageTask, InputImage } from "../../../lib/ports/task";

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const nowhere: HttpClient = {
  request: () => Promise.reject(new HttpError("refused", "no", "no connection")),
};

/** What matters to the test. */
type Given = Partial<Omit<RunContext, "http">> & { readonly http?: HttpClient };

/** A context that keeps the progress it is told. */
export function runContext(given: Given = {}): RunContext & { readonly told: Progress[] } {
  const { http = nowhere, signal = new AbortController().signal, ...more } = given;
  const told: Progress[] = [];
  return {
    told,
    http: contextClient(http, signal),
    signal,
    log: quiet,
    jobId: "imgjob_0",
    requestId: "req_0",
    callKey: "00000000-0000-4000-8000-000000000000",
    deadline: Date.now() + 60_000,
    wantsPreviews: false,
    progress: (progress) => told.push(progress),
    submitted: async () => {},
    ...more,
  };
}

type GenerateTask = Extract<ImageTask, { readonly op: "generate" }>;

/** A small task for the model `m`; `more` says what matters to the test. */
export const generate = (more: Partial<GenerateTask> = {}): GenerateTask => ({
  op: "generate",
  model: "m",
  prompt: "a red cube on a table",
  n: 1,
  deliver: "any",
  extra: Object.create(null),
  ...more,
});

export function inputImage(bytes: Uint8Array, type = "image/png"): InputImage {
  return {
    name: "input",
    type,
    length: bytes.byteLength,
    async *open() {
      for (let at = 0; at < bytes.byteLength; at += 2) yield bytes.subarray(at, at + 2);
    },
  };
}

export async function providerFailure(work: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  );
  if (!ProviderError.is(error)) throw new Error(`no ProviderError but ${String(error)}`);
  return error;
}

/** A picture's bytes, base64 decoded, and the pieces they came in. */
export async function opened({ data }: ImageOut): Promise<{ bytes: Buffer; pieces: number[] }> {
  if (data.as === "url") throw new Error("the bridge has no addresses");
  const pieces: Uint8Array[] = [];
  for await (const piece of data.open()) pieces.push(piece);
  const joined = Buffer.concat(pieces);
  return {
    bytes: data.as === "base64" ? Buffer.from(joined.toString(), "base64") : joined,
    pieces: pieces.map(({ byteLength }) => byteLength),
  };
}

export async function picturesOf({ images }: RunResult): Promise<ImageOut[]> {
  const all: ImageOut[] = [];
  for await (const image of images) all.push(image);
  return all;
}
