import { contextClient } from "../../../lib/core/context-client";
import type { HttpClient } from "../../../lib/ports/http-client";
import type { Progress, RunContext, RunResult, UpstreamRef } from "../../../lib/ports/provider";
import { ProviderError } from "../../../lib/ports/provider-error";
import type { GenerateTask } from "../../../lib/providers/hosted/fill-inputs";

export interface Heard {
  readonly told: Progress[];
  readonly refs: UpstreamRef[];
}

/** A context that keeps what it is told. */
export function runContext(
  http: HttpClient,
  more: Partial<Omit<RunContext, "http">> = {},
): RunContext & Heard {
  const { signal = new AbortController().signal } = more;
  const told: Progress[] = [];
  const refs: UpstreamRef[] = [];
  return {
    told,
    refs,
    http: contextClient(http, signal),
    signal,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    jobId: "imgjob_0",
    requestId: "req_0",
    callKey: "00000000-0000-4000-8000-000000000000",
    deadline: Date.now() + 60_000,
    wantsPreviews: false,
    progress: (progress) => told.push(progress),
    submitted: async (ref) => void refs.push(ref),
    ...more,
  };
}

/** A small task; `more` says what matters to the test. */
export const generate = (model: string, more: Partial<GenerateTask> = {}): GenerateTask => ({
  op: "generate",
  model,
  prompt: "a red cube",
  n: 1,
  deliver: "any",
  extra: Object.create(null),
  ...more,
});

export async function providerFailure(work: PromiseLike<unknown> | undefined): Promise<ProviderError> {
  const error: unknown = await work?.then(
    () => undefined,
    (reason) => reason,
  );
  if (!ProviderError.is(error)) throw new Error(`no ProviderError but ${String(error)}`);
  return error;
}

/** The links of pictures; the bytes of what is no link, as text. */
export async function pictures({ images }: RunResult): Promise<string[]> {
  const all: string[] = [];
  for await (const { data } of images) {
    if (data.as === "url") {
      all.push(data.url);
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of data.open()) chunks.push(chunk);
    all.push(Buffer.concat(chunks).toString("latin1"));
  }
  return all;
}
