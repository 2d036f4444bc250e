import { KIB } from "../../internal/byte-sizes";
import type { Health, ImageProvider, ProbeContext } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { createBackground } from "../upstream/background";
import { isUnreachable, providerError } from "./faults";
import type { RunTools } from "./job/call";
import { resumeTask, runTask } from "./job/run";
import type { Model, ResolvedComfyUIOptions } from "./options";
import { createExaminer } from "./server/examiner";
import { createFleet } from "./server/fleet";
import { createServer } from "./server/server";
import { stopRun } from "./server/stop";
import type { WebSocketClass } from "./server/web-socket";
import type { Timing } from "./timing";

/** Room for the head of a frame. */
const FRAME_HEAD = 64 * KIB;

/** The provider itself; how long things may take is the caller's to say. */
export function createProvider(
  options: ResolvedComfyUIOptions,
  WebSocket: WebSocketClass,
  timing: Timing,
): ImageProvider & { close(): Promise<void> } {
  const { urls, headers, models, maxImageBytes } = options;
  const maxPayload = maxImageBytes + FRAME_HEAD;
  const servers = urls.map((url) => createServer({ url, headers, maxPayload, WebSocket, timing }));
  const background = createBackground();
  const tools: RunTools = { options, fleet: createFleet(servers, timing.restMs), timing, background };
  const workflows = [...models.values()].map(({ workflow }) => workflow);
  const examiner = createExaminer(workflows, timing.checkMs);

  function modelOf(id: string): Model {
    const model = models.get(id);
    if (model !== undefined) return model;
    throw new ProviderError("not_found", "There is no workflow for this model.", { started: "no" });
  }

  return {
    id: options.id,
    async models(ctx) {
      const cards = [...models.values()].map(({ card }) => card);
      // What is derived holds without a server; what does not fit it is told at the first chance.
      await Promise.all(servers.map((server) => examiner.examine(server, ctx).catch(() => undefined)));
      return cards;
    },
    run: async (task, ctx) => runTask(tools, modelOf(task.model), task, ctx),
    resume: async (ref, task, ctx) => {
      const server = servers.find(({ key }) => key === ref.data?.["server"]);
      return resumeTask(tools, modelOf(task.model), task, ctx, { id: ref.id, server });
    },
    async cancel(ref, ctx) {
      const server = servers.find(({ key }) => key === ref.data?.["server"]);
      if (server === undefined) return "unknown";
      try {
        return await stopRun(server.api, server.watcher, ctx, ref.id);
      } catch (error) {
        throw providerError(error, ctx.signal, "maybe");
      }
    },
    health: (ctx) => health(ctx),
    async close() {
      for (const { link } of servers) link.close();
      await background.close();
    },
  };

  async function health(ctx: ProbeContext): Promise<Health> {
    const began = performance.now();
    const reports = await Promise.all(
      servers.map(async (server) => {
        try {
          return await examiner.examine(server, ctx);
        } catch (error) {
          return isUnreachable(error) ? undefined : { depth: 0, problems: [refusalOf(error)] };
        }
      }),
    );
    const answered = reports.filter((report) => report !== undefined);
    const [problem] = answered.flatMap(({ problems }) => problems);
    const isWhole = answered.length === servers.length && problem === undefined;
    const reason = problem ?? `${answered.length} of ${servers.length} servers answer`;
    const status = answered.length === 0 ? "down" : isWhole ? "up" : "degraded";
    const queueDepth = answered.reduce((sum, { depth }) => sum + depth, 0);
    return {
      status,
      ...(answered.length === 0 ? {} : { latencyMs: Math.round(performance.now() - began), queueDepth }),
      ...(isWhole ? {} : { reason }),
    };
  }
}

const refusalOf = (error: unknown): string =>
  ProviderError.is(error) && error.fault === "auth"
    ? "it refuses the gateway: give what the proxy before it asks for in headers"
    : "it answers like no ComfyUI: look at url";
