import { lateMember } from "../../internal/late-member";
import { Stop, type Stopping } from "../../internal/stop";
import type {
  ContextHttpClient,
  HttpClient,
  ImageOut,
  ImageTask,
  JobImage,
  Logger,
  Meta,
  Progress,
  RunContext,
  RunResult,
  UpstreamRef,
} from "../../ports";
import { ProviderError } from "../../ports";
import type { PlannedCall } from "../admission/plan";
import { contextClient } from "../context-client";
import { describeError } from "../describe-error";
import { asProviderError, classified } from "../foreign-failure";
import { type Desk, relayPartial, takeIn } from "../pictures/take-in";
import { settleOrAbandon } from "./settle-or-abandon";

export interface CallContext {
  readonly jobId: string;
  readonly requestId: string;
  readonly callKey: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly stop: Stopping;
  readonly http: HttpClient;
  readonly log: Logger;
  readonly desk: Desk;
  readonly provider: string;
  /** Begins the work, or takes it up again. */
  start(task: ImageTask, ctx: RunContext): Promise<RunResult>;
  /** What the provider is asked for. @param signal ends whoever still reads its pictures */
  task(signal: Stopping): ImageTask;
  /** Unfinished versions that the provider streams by itself are for the caller. */
  readonly wantsPartials: boolean;
  progress(progress: Progress): void;
  wantsPreviews(this: void): boolean;
  /** The largest unfinished picture that is wanted as a preview as well; 0: none is. */
  previewBytes(): number;
  submitted(this: void, ref: UpstreamRef): Promise<void>;
  /** Is the picture of this place in already, from before the work was taken up again? */
  isIn(place: number): boolean;
  /** Called for each picture that is in; those of a call that fails later stay good. */
  arrived(image: JobImage): Promise<void> | void;
}

export interface CallResult {
  /** Pictures taken in. */
  readonly count: number;
  readonly meta: Meta;
  /** The provider made this many more than were asked for. */
  readonly dropped: number;
}

/**
 * Makes one upstream call and takes its pictures in, as they come. Stops at the deadline, and within a second of an abort even
 * when the provider does not.
 *
 * @throws ProviderError, or what the store throws
 */
export async function runCall(call: PlannedCall, context: CallContext): Promise<CallResult> {
  const stop = new Stop();
  const leave = stop.follow(context.stop);
  const timer = setTimeout(() => {
    stop.abort(new ProviderError("timeout", "The provider took too long.", { started: "maybe" }));
  }, context.deadline - Date.now());
  let isOver = false;
  const report = (progress: Progress) => {
    if (isOver) return;
    try {
      context.progress(progress);
    } catch (error) {
      // A malformed report must not break the work that it is about.
      context.log.debug({ jobId: context.jobId, ...describeError(error) }, "a progress report was dropped");
    }
  };
  try {
    stop.throwIfAborted();
    return await settleOrAbandon(collect(call, context, report, stop), stop);
  } catch (error) {
    // Whatever an adapter makes of an abort, the reason for it is what happened.
    const why: unknown = stop.aborted ? stop.reason : error;
    // Nobody reads on: a provider that still makes pictures of this call may stop.
    stop.abort(why);
    throw why;
  } finally {
    isOver = true;
    clearTimeout(timer);
    leave();
  }
}

async function collect(
  call: PlannedCall,
  context: CallContext,
  report: (progress: Progress) => void,
  stop: Stop,
): Promise<CallResult> {
  const task = context.task(stop);
  const result = await asProviderError(() => context.start(task, new CallRunContext(context, report, stop)));
  requireResult(context, result);
  let count = 0;
  let dropped = 0;
  for await (const out of classified(() => result.images)) {
    if (out.partial !== undefined) {
      if (!context.wantsPartials) continue;
      const index = indexOf(out, call);
      const seen = await relayPartial(
        out,
        call.firstImage + index,
        context.desk,
        context.previewBytes(),
        stop,
      );
      if (seen !== undefined) report({ phase: "sampling", preview: { ...seen, index } });
      continue;
    }
    if (count === call.fields.n) {
      dropped++;
      continue;
    }
    const place = call.firstImage + count;
    if (!context.isIn(place)) await context.arrived(await takeIn(out, place, context.desk, stop));
    count++;
  }
  if (count === 0) {
    throw new ProviderError("protocol", "The provider answered without a picture.", { started: "yes" });
  }
  return { count, dropped, meta: await asProviderError(() => result.meta()) };
}

/** A wrong one would show the picture of one call in the place of another's. */
const indexOf = ({ index = 0 }: ImageOut, { fields }: PlannedCall): number =>
  Number.isInteger(index) && index >= 0 && index < fields.n ? index : 0;

/** An adapter without types may resolve to anything: its author is to read what was expected. */
function requireResult({ provider, log }: CallContext, result: unknown): void {
  const isResult = typeof result === "object" && result !== null && "images" in result && "meta" in result;
  if (isResult && typeof result.meta === "function") return;
  const expected = `run() of '${provider}' must resolve to { images, meta() }`;
  log.error({ provider }, expected);
  throw new ProviderError("internal", "The provider failed.", {
    started: "yes",
    cause: new TypeError(expected),
  });
}

const defineSignal = lateMember("signal");
const defineWantsPreviews = lateMember("wantsPreviews");

class CallRunContext implements RunContext {
  readonly http: ContextHttpClient;
  readonly log: Logger;
  readonly jobId: string;
  readonly requestId: string;
  readonly callKey: string;
  readonly deadline: number;
  readonly progress: RunContext["progress"];
  readonly submitted: RunContext["submitted"];
  declare readonly signal: AbortSignal;
  declare readonly wantsPreviews: boolean;

  constructor(context: CallContext, progress: RunContext["progress"], stop: Stop) {
    this.http = contextClient(context.http, stop);
    this.log = context.log;
    this.jobId = context.jobId;
    this.requestId = context.requestId;
    this.callKey = context.callKey;
    this.deadline = context.deadline;
    this.progress = progress;
    this.submitted = context.submitted;
    defineSignal(this, () => stop.signal);
    defineWantsPreviews(this, context.wantsPreviews);
  }
}
