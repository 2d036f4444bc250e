import type { RunContext, RunResult } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import { isUnreachable } from "../faults";
import type { Model } from "../options";
import type { Server } from "../server/server";
import type { Call, RunTools } from "./call";
import { type Course, newCourse } from "./course";
import { findPatiently } from "./find-patiently";
import { guarded } from "./guarded";
import { onServer } from "./on-server";
import { MISSING_NODE } from "./refusal";

/** One call, on the least busy server; on the next one when that cannot be reached or lacks a node. */
export async function runTask(
  tools: RunTools,
  model: Model,
  task: ImageTask,
  ctx: RunContext,
): Promise<RunResult> {
  const { fleet } = tools;
  const call: Call = { model, task, ctx, course: newCourse(ctx.callKey) };
  return guarded(tools, call, async () => {
    const tried = new Set<Server>();
    for (;;) {
      const server = await fleet.choose(ctx, model.workflow.model, tried);
      tried.add(server);
      try {
        return await onServer(tools, call, server, true);
      } catch (error) {
        if (!isWorthAnother(error, call) || tried.size === fleet.servers.length) throw error;
        if (ProviderError.is(error) && error.info.upstreamCode === MISSING_NODE) server.unfit.add(task.model);
        else fleet.rest(server);
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
  const course: Course = { ...newCourse(ref.id), server, started: "maybe" };
  const call: Call = { model, task, ctx, course };
  const sighting = await guarded(tools, call, () => findPatiently(server, ctx, ref.id, tools.timing));
  if (sighting.state === "unknown") return runTask(tools, model, task, ctx);
  course.started = "yes";
  server.coming++;
  return guarded(tools, call, () => onServer(tools, call, server, false));
}

function isWorthAnother(error: unknown, { course, ctx }: Call): boolean {
  if (course.started !== "no" || ctx.signal.aborted) return false;
  if (!ProviderError.is(error)) return isUnreachable(error);
  return (
    error.info.started === "no" && (error.fault === "unavailable" || error.info.upstreamCode === MISSING_NODE)
  );
}
