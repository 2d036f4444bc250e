import type { RunContext, RunResult, UpstreamRef } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import { isUnreachable, providerError, type Started } from "../faults";
import type { Model, ResolvedComfyUIOptions } from "../options";
import type { Pace } from "../pace";
import type { Fleet } from "../server/fleet";
import type { Server } from "../server/server";
import { stopRun } from "../server/stop";
import { type FilledGraph, fillGraph } from "../workflow/fill";
import { outputKind } from "../workflow/node-kinds";
import type { Background } from "./background";
import { deliver } from "./deliver";
import { endingError } from "./ending";
import { createFollower } from "./follow";
import { uploadInputs } from "./inputs";
import { createMeter } from "./meter";
import { MISSING_NODE } from "./refusal";
import { submit } from "./submit";

export interface RunTools {
  readonly options: ResolvedComfyUIOptions;
  readonly fleet: Fleet;
  readonly pace: Pace;
  /** What is still done after a call was aborted. */
  readonly background: Background;
}

/** What one call has come to; read when it fails. */
interface Course {
  started: Started;
  server: Server | undefined;
  promptId: string;
  /** The request that submits the graph, while its answer is awaited. */
  submitting: Promise<unknown> | undefined;
}

/** One call, on the least busy server; on the next one when that cannot be reached or lacks a node. */
export async function runTask(
  tools: RunTools,
  model: Model,
  task: ImageTask,
  ctx: RunContext,
): Promise<RunResult> {
  const course: Course = { started: "no", server: undefined, promptId: ctx.callKey, submitting: undefined };
  return guarded(tools, course, ctx, async () => {
    const tried = new Set<Server>();
    for (;;) {
      const server = await tools.fleet.choose(ctx, model.workflow.model, tried);
      tried.add(server);
      try {
        return await onServer(tools, model, task, ctx, server, course, true);
      } catch (error) {
        if (!isWorthAnother(error, course, ctx.signal) || tried.size === tools.fleet.servers.length)
          throw error;
        if (ProviderError.is(error) && error.info.upstreamCode === MISSING_NODE) server.unfit.add(task.model);
        else tools.fleet.rest(server);
      }
    }
  });
}

/** Picks a run up where a process left it: looks at its server first, and sends the graph only if nobody knows of it. */
export async function resumeTask(
  tools: RunTools,
  model: Model,
  task: ImageTask,
  ctx: RunContext,
  ref: { readonly id: string; readonly server: Server | undefined },
): Promise<RunResult> {
  const { server } = ref;
  if (server === undefined) return runTask(tools, model, task, ctx);
  const course: Course = { started: "maybe", server, promptId: ref.id, submitting: undefined };
  const sighting = await guarded(tools, course, ctx, () => server.watcher.find(ctx, ref.id));
  if (sighting.state === "unknown") return runTask(tools, model, task, ctx);
  course.started = "yes";
  server.coming++;
  return guarded(tools, course, ctx, () => onServer(tools, model, task, ctx, server, course, false));
}

function isWorthAnother(error: unknown, course: Course, signal: AbortSignal): boolean {
  if (course.started !== "no" || signal.aborted) return false;
  if (!ProviderError.is(error)) return isUnreachable(error);
  return (
    error.info.started === "no" && (error.fault === "unavailable" || error.info.upstreamCode === MISSING_NODE)
  );
}

/** @param isNew the graph is sent; else it is there already */
async function onServer(
  tools: RunTools,
  model: Model,
  task: ImageTask,
  ctx: RunContext,
  server: Server,
  course: Course,
  isNew: boolean,
): Promise<RunResult> {
  const { options, pace } = tools;
  const { workflow } = model;
  const framesWanted = outputKind(workflow.output) === "frames" ? task.n : 0;
  let isComing = true;
  const arrived = () => {
    if (isComing) server.coming--;
    isComing = false;
  };
  let release = () => {};
  try {
    const uploads = isNew ? await uploadInputs(server.api, ctx, workflow, task) : { images: [] };
    const { sanitizePrompt } = options;
    const filled = fillGraph(workflow, task, { uploads, tag: ctx.callKey.slice(0, 8), sanitizePrompt });
    const follower = createFollower({
      promptId: course.promptId,
      outputId: workflow.output.id,
      framesWanted,
      isUnderWay: !isNew,
      meter: createMeter(workflow.graph, filled.prompt, workflow.output.id),
      pace,
      progress: (progress) => ctx.progress(progress),
      wantsPreviews: () => ctx.wantsPreviews,
    });
    // Before the graph is sent: the first messages may be faster than its answer.
    release = server.link.hold(course.promptId, follower.listener);
    const isOpen = await server.link.opened(pace.openMs, ctx.signal);
    ctx.signal.throwIfAborted();
    if (isNew) {
      if (framesWanted > 0 && !isOpen) {
        throw new ProviderError(
          "unavailable",
          "The server's socket, by which it sends its pictures, does not open.",
          {
            started: "no",
          },
        );
      }
      await send(tools, server, ctx, course, filled, model);
      if (course.promptId !== ctx.callKey) {
        release();
        release = server.link.hold(course.promptId, follower.listener);
        follower.rename(course.promptId);
        await ctx.submitted(refOf(tools, server, course));
      }
    }
    arrived();
    const ending = await follower.ending(server.link, server.watcher, ctx);
    if (ending.kind !== "done") throw endingError(ending, filled);
    return deliver(server, ending, { workflow, filled, options, n: task.n, promptId: course.promptId }, ctx);
  } finally {
    arrived();
    release();
  }
}

async function send(
  tools: RunTools,
  server: Server,
  ctx: RunContext,
  course: Course,
  filled: FilledGraph,
  { workflow }: Model,
): Promise<void> {
  course.server = server;
  await ctx.submitted(refOf(tools, server, course));
  ctx.signal.throwIfAborted();
  // Not on the caller's signal: a request that is cut may have arrived, and then it could not be told to stop.
  const caller = { http: ctx.http, signal: new AbortController().signal };
  course.started = "maybe";
  const previews = ctx.wantsPreviews;
  const { promptId } = course;
  const submitting = submit(server, caller, {
    promptId,
    workflow,
    filled,
    previews,
    pace: tools.pace,
    log: ctx.log,
  });
  course.submitting = submitting;
  try {
    course.promptId = await untilAborted(submitting, ctx.signal);
    course.started = "yes";
  } catch (error) {
    if (
      !ctx.signal.aborted &&
      (isUnreachable(error) || (ProviderError.is(error) && error.info.started === "no"))
    ) {
      course.started = "no";
    }
    throw error;
  }
}

const refOf = ({ options }: RunTools, server: Server, { promptId }: Course): UpstreamRef => ({
  provider: options.id,
  id: promptId,
  data: { server: server.key },
});

/** Makes one kind of error of whatever goes wrong, and on an abort tells the server. */
async function guarded<T>(
  { pace, background }: RunTools,
  course: Course,
  ctx: RunContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    ctx.signal.throwIfAborted();
    return await untilAborted(work(), ctx.signal);
  } catch (error) {
    const { server, promptId, submitting } = course;
    if (ctx.signal.aborted && course.started !== "no" && server !== undefined) {
      await background.atMost(STOP_WAIT_MS, pace.cancelMs, async (signal) => {
        await submitting?.catch(() => {});
        await stopRun(server.api, server.watcher, { http: ctx.http, signal }, promptId);
      });
    }
    throw providerError(error, ctx.signal, course.started);
  }
}

/** An aborted call is told as cancelled within a second, also when the server takes longer to confirm. */
const STOP_WAIT_MS = 700;

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
