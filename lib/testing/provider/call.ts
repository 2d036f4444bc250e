import { randomBytes, randomUUID } from "node:crypto";

import type {
  HttpClient,
  ImageProvider,
  ImageTask,
  Logger,
  Progress,
  RunContext,
  RunResult,
  UpstreamRef,
} from "../../ports";
import { contextClient } from "./context-client";
import { collected, type Delivery } from "./delivery";

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** How a test watches a call. */
export interface Watching {
  readonly signal?: AbortSignal;
  /** @default nobody looks */
  readonly wantsPreviews?: () => boolean;
  /** Called with each report, while the provider makes it. */
  readonly onReport?: (progress: Progress) => void;
  /** Leaves at the first picture, which it does not open. */
  readonly leaves?: boolean;
  /** Picks up this work instead of beginning anew. */
  readonly resume?: UpstreamRef;
}

/** A call under way, with all that it has told. */
export interface Call {
  readonly told: readonly Progress[];
  readonly refs: readonly UpstreamRef[];
  abort(): void;
  /** How far it has come. */
  stage(): "run" | "images" | "data";
  /** Settles when everything is delivered, or with what went wrong. */
  readonly outcome: Promise<Delivery>;
}

export function startCall(
  provider: ImageProvider,
  task: ImageTask,
  tools: { readonly http: HttpClient; readonly plain: HttpClient },
  watching: Watching,
): Call {
  const told: Progress[] = [];
  const refs: UpstreamRef[] = [];
  const own = new AbortController();
  const signal = watching.signal ?? own.signal;
  let stage: ReturnType<Call["stage"]> = "run";
  const context: RunContext = {
    signal,
    http: contextClient(tools.http, signal),
    log: quiet,
    jobId: `imgjob_${randomBytes(16).toString("hex")}`,
    requestId: `req_${randomBytes(8).toString("hex")}`,
    callKey: randomUUID(),
    deadline: Date.now() + 600_000,
    get wantsPreviews() {
      return watching.wantsPreviews?.() ?? false;
    },
    progress(progress) {
      told.push(progress);
      watching.onReport?.(progress);
    },
    async submitted(ref) {
      refs.push(ref);
    },
  };
  const work = async () => {
    const { resume } = watching;
    const result =
      resume === undefined
        ? await provider.run(task, context)
        : await provider.resume?.(resume, task, context);
    if (result === undefined) throw new Error("there is no resume");
    stage = "images";
    if (watching.leaves) return left(result);
    return collected(result, {
      http: tools.plain,
      signal,
      onData: () => {
        stage = "data";
      },
      onDataEnd: () => {
        stage = "images";
      },
    });
  };
  const outcome = work();
  // Not every test waits for the end of every call.
  outcome.catch(() => {});
  return { told, refs, abort: () => own.abort(), stage: () => stage, outcome };
}

async function left({ images, meta }: RunResult): Promise<Delivery> {
  for await (const _picture of images) break;
  return { pictures: [], meta: meta() };
}
