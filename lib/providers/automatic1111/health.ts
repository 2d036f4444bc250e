import { countMember } from "../../internal/json-shape";
import { HttpError } from "../../ports/http-client";
import type { Health, ProbeContext } from "../../ports/provider";
import type { Line } from "./line";
import type { Api } from "./server/api";
import { ROUTES } from "./server/routes";
import { askServerState } from "./server/server-state";

/** Asks for the list of models, which shows whether the server lives, has its API on and takes our credentials; and how much it has to do. */
export async function checkHealth(api: Api, line: Line, ctx: ProbeContext): Promise<Health> {
  const began = performance.now();
  try {
    const { status } = await api.get(ctx, ROUTES.models);
    const latencyMs = Math.round(performance.now() - began);
    const judgement = judged(status);
    if (judgement.status === "down") return { ...judgement, latencyMs };
    return { ...judgement, latencyMs, queueDepth: await depth(api, line, ctx) };
  } catch (error) {
    return { status: "down", reason: HttpError.is(error) ? error.failure : "the server does not answer" };
  }
}

function judged(status: number): Health {
  if (status === 200) return { status: "up" };
  if (status === 401 || status === 403) return { status: "down", reason: "the credentials are refused" };
  if (status === 404) return { status: "down", reason: "the API is off: start the server with --api" };
  if (status >= 500) return { status: "down", reason: `status ${status}` };
  return { status: "degraded", reason: `the list of models answers with status ${status}` };
}

/** Work that waits here, waits there, and is under way; what the server does not tell of is at least ours. */
async function depth(api: Api, line: Line, ctx: ProbeContext): Promise<number> {
  const [pending, state] = await Promise.all([
    api.get(ctx, ROUTES.pendingTasks),
    askServerState(api, ctx, false),
  ]);
  const others = countMember(pending.json, "size");
  return others === undefined ? line.length() : line.waiting() + others + (state.isBusy ? 1 : 0);
}
