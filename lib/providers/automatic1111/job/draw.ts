import { constants } from "node:buffer";
import { encodedLength } from "../../../internal/base64";
import { MIB } from "../../../internal/byte-sizes";
import { withDeadline } from "../../../internal/deadline";
import type { HttpResponse } from "../../../ports/http-client";
import type { RunContext, RunResult } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ResolvedAutomatic1111Options } from "../options";
import type { Pace } from "../pace";
import { bodyOf } from "../request/body";
import type { Order } from "../request/order";
import { type Abilities, isWebUI } from "../server/abilities";
import type { Api, Caller } from "../server/api";
import { askServerState } from "../server/server-state";
import type { Monitor, Sighting } from "../server/sighting";
import { readAnswer } from "./answer";
import type { Course } from "./course";
import { refusalOf } from "./refusal";
import { progressOf } from "./report";
import { watchTask } from "./watch";

export interface DrawTools {
  readonly options: ResolvedAutomatic1111Options;
  readonly api: Api;
  readonly pace: Pace;
  readonly abilities: Abilities;
  readonly monitor: Monitor;
}

/** Something in between has given up; the server may be at work all the same. */
const BY_A_PROXY: ReadonlySet<number> = new Set([502, 503, 504]);

/** Room for everything in an answer that is no picture. */
const SLACK_BYTES = MIB;

/**
 * The work itself: one request, which is answered when the pictures are made, and looks at how far they have come meanwhile.
 *
 * @throws ProviderError, HttpError
 */
export async function draw(
  tools: DrawTools,
  order: Order,
  ctx: RunContext,
  caller: Caller,
  course: Course,
): Promise<RunResult> {
  const response = await sent(tools, order, ctx, caller, course);
  if (response.status < 200 || response.status > 299) {
    throw await refusalOf(response, [...tools.options.secrets, ...wordsIn(order)]);
  }
  course.isDone = true;
  caller.signal.throwIfAborted();
  ctx.progress({ phase: "saving" });
  const images = await readAnswer(response, order);
  await refuseCutShort(tools, caller);
  const { n, warnings } = order;
  const short = { param: "n", message: `the server made ${images.length} of ${n} pictures` };
  return { images, meta: () => ({ warnings: images.length < n ? [...warnings, short] : warnings }) };
}

async function sent(
  { api, options, pace, abilities, monitor }: DrawTools,
  order: Order,
  ctx: RunContext,
  caller: Caller,
  course: Course,
): Promise<HttpResponse> {
  const watching = new AbortController();
  const isTracked = isWebUI(abilities);
  caller.signal.throwIfAborted();
  ctx.progress({ phase: isTracked ? "loading" : "sampling" });
  if (isTracked) {
    const watched = {
      monitor,
      http: caller.http,
      pace,
      wantsPreview: () => abilities.previews && ctx.wantsPreviews,
      report: (sighting: Sighting) => ctx.progress(progressOf(sighting, order.steps)),
    };
    void watchTask(watched, AbortSignal.any([caller.signal, watching.signal]));
  }
  try {
    course.isSent = true;
    const body = bodyOf(order.fields, order.pictures);
    const response = await api.send(caller, { path: order.path, body, maxBytes: maxBytes(order, options) });
    course.isAnswered = !BY_A_PROXY.has(response.status);
    return response;
  } finally {
    watching.abort();
  }
}

/** Some servers repeat the request in their answer, with the picture that they were given. */
function maxBytes({ n, pictures }: Order, { maxImageBytes }: ResolvedAutomatic1111Options): number {
  const given = pictures === undefined ? 0 : (pictures.image.length ?? maxImageBytes);
  const most = n * encodedLength(maxImageBytes) + encodedLength(given) + SLACK_BYTES;
  return Math.min(most, constants.MAX_STRING_LENGTH);
}

/**
 * Whoever interrupts the work at the server makes it a success with unfinished pictures. The mark of it stays until the next task
 * begins, so it says nothing while the server is busy again.
 */
async function refuseCutShort({ api, abilities, pace }: DrawTools, caller: Caller): Promise<void> {
  if (!isWebUI(abilities)) return;
  const look = (signal: AbortSignal) => askServerState(api, { ...caller, signal }, false);
  const state = await withDeadline(pace.lastLookMs, caller.signal, look).catch(() => undefined);
  caller.signal.throwIfAborted();
  if (state === undefined || state.isBusy || !state.isCutShort) return;
  throw new ProviderError("internal", "The work was stopped on the server.", { started: "yes" });
}

/** What a caller has written is their secret too, once it is long enough to be told from any other word. */
const wordsIn = ({ fields }: Order): string[] =>
  [fields["prompt"], fields["negative_prompt"]].filter(
    (text): text is string => typeof text === "string" && text.length >= 8,
  );
