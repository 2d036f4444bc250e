import { HttpError } from "../../../ports/http-client";
import { ProviderError } from "../../../ports/provider-error";
import type { Server } from "../server/server";
import type { FilledGraph } from "../workflow/fill";
import type { Call, RunTools } from "./call";
import { unlessAborted } from "./guarded";
import { submit } from "./submit";

/** Tells the gateway the name of the run, so that it can be resumed and stopped from elsewhere. */
export const tell = ({ options }: RunTools, { course, ctx }: Call, { key }: Server): Promise<void> =>
  ctx.submitted({ provider: options.id, id: course.promptId, data: { server: key } });

/** Sends a graph, and keeps track of how sure it is that the server has it. */
export async function send(tools: RunTools, call: Call, server: Server, filled: FilledGraph): Promise<void> {
  const { course, ctx } = call;
  const { promptId } = course;
  const { workflow } = call.model;
  course.server = server;
  await tell(tools, call, server);
  ctx.signal.throwIfAborted();
  course.started = "maybe";
  // Not on the caller's signal: a request that is cut may have arrived, and then it could not be told to stop.
  const giveUp = new AbortController();
  const caller = { http: ctx.http, signal: giveUp.signal };
  const answer = submit(server, caller, { promptId, workflow, filled, timing: tools.timing, log: ctx.log });
  course.submitting = { answer, giveUp };
  try {
    course.promptId = await unlessAborted(answer, ctx.signal);
    course.started = "yes";
  } catch (error) {
    if (!ctx.signal.aborted && isUnsent(error)) course.started = "no";
    throw error;
  }
}

const isUnsent = (error: unknown): boolean =>
  (HttpError.is(error) && error.started === "no") || (ProviderError.is(error) && error.info.started === "no");
