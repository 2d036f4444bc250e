import { contextClient } from "../../../lib/core/context-client";
import { decodeBase64 } from "../../../lib/internal/base64";
import type { HttpClient, HttpResponse } from "../../../lib/ports/http-client";
import type { Logger } from "../../../lib/ports/logger";
import type { Progress, RunContext, RunResult } from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import type { ImageTask } from "../../../lib/ports/task";

export type GenerateTask = Extract<ImageTask, { readonly op: "generate" }>;

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A context that keeps the progress it is told. */
export function runContext(
  http: HttpClient,
  signal: AbortSignal = new AbortController().signal,
): RunContext & { readonly told: Progress[] } {
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
  };
}

/** A small task; `more` says what matters to the test. */
export function generate(more: Partial<GenerateTask> = {}): GenerateTask {
  return {
    op: "generate",
    model: "sd-cpp-local",
    prompt: "a red cube",
    n: 1,
    deliver: "bytes",
    extra: Object.create(null),
    ...more,
  };
}

/** An answer as the port gives it. */
export function response(
  status: number,
  body: string | object | null,
  headers: Record<string, string> = { "content-type": "application/json" },
): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    status,
    headers,
    body: (async function* () {
      yield Buffer.from(text);
    })(),
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

/** Every picture's bytes, base64 decoded; a URL as it is. */
export async function pictures({ images }: RunResult): Promise<(Buffer | string)[]> {
  const all: (Buffer | string)[] = [];
  for await (const { data } of images) {
    if (data.as === "url") {
      all.push(data.url);
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of data.as === "base64" ? decodeBase64(data.open()) : data.open())
      chunks.push(chunk);
    all.push(Buffer.concat(chunks));
  }
  return all;
}
