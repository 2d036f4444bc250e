import { withDeadline } from "../../../internal/deadline";
import { HttpError } from "../../../ports/http-client";
import type { RunContext, RunResult } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import { providerError } from "../../upstream/transport-fault";
import type { Line } from "../line";
import type { ResolvedAutomatic1111Options } from "../options";
import type { Pace } from "../pace";
import { orderOf } from "../request/order";
import type { Api } from "../server/api";
import type { Inspector } from "../server/inspector";
import { createMonitor } from "../server/monitor";
import { stopTask } from "../server/stop";
import { type Course, newCourse } from "./course";
import { draw } from "./draw";

export interface RunTools {
  readonly options: ResolvedAutomatic1111Options;
  readonly api: Api;
  readonly inspector: Inspector;
  readonly line: Line;
  readonly pace: Pace;
}

/**
 * One call: what can be refused is refused before it waits for its turn.
 *
 * @param signal aborts with the caller, or when the provider is closed
 * @param onOver called when all is over, which after an abort is when the server was told
 */
export async function runTask(
  tools: RunTools,
  task: ImageTask,
  ctx: RunContext,
  signal: AbortSignal,
  onOver: () => void,
): Promise<RunResult> {
  const course = newCourse();
  let failed: unknown;
  try {
    return await work(tools, task, ctx, signal, course);
  } catch (error) {
    failed = error;
    throw failureOf(error, signal, course);
  } finally {
    const over = () => {
      course.leaveLine();
      onOver();
    };
    if (course.stop !== undefined && isAbandoned(course, failed)) {
      void withDeadline(tools.pace.stopMs, undefined, course.stop)
        .catch(() => {})
        .finally(over);
    } else {
      over();
    }
  }
}

async function work(
  { options, api, inspector, line, pace }: RunTools,
  task: ImageTask,
  ctx: RunContext,
  signal: AbortSignal,
  course: Course,
): Promise<RunResult> {
  const caller = { http: ctx.http, signal };
  const model = options.models.find(task.model);
  if (model === undefined) {
    throw new ProviderError("not_found", "This provider does not offer this model.", { started: "no" });
  }
  const inspection = await inspector.inspect(caller);
  const taskId = ctx.callKey;
  const { sanitizePrompt, isExclusive } = options;
  const order = await orderOf(task, { model, inspection, taskId, sanitizePrompt, signal });
  course.leaveLine = await line.enter(signal, (place) =>
    ctx.progress({ phase: "queued", queuePosition: place }),
  );
  const { abilities } = inspection;
  const monitor = createMonitor(api, abilities, { taskId, isExclusive, pollMs: pace.pollMs });
  await monitor.prepare(caller);
  if (abilities.stops !== "no") {
    course.stop = (limited) => stopTask(api, { http: ctx.http, signal: limited }, monitor, pace.pollMs);
  }
  return draw({ api, options, pace, abilities, monitor }, order, ctx, caller, course);
}

/** The picture cannot be had any more, but the server may be drawing it. */
const isAbandoned = ({ isSent, isAnswered }: Course, error: unknown): boolean =>
  isSent && !isAnswered && !(HttpError.is(error) && error.started === "no");

function failureOf(error: unknown, signal: AbortSignal, { isSent, isDone }: Course): ProviderError {
  const failed = providerError(error, signal, isDone);
  // A question that broke off says what it says; anything else came before the work was sent.
  if (isSent || (HttpError.is(error) && !signal.aborted)) return failed;
  return new ProviderError(failed.fault, failed.message, { ...failed.info, started: "no" });
}
