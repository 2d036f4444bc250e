import { AbortGroup, type Membership } from "../../internal/abort-group";
import type { ImageProvider } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { checkHealth } from "./health";
import { type RunTools, runTask } from "./job/run";
import { createLine } from "./line";
import { listModels } from "./model-list";
import type { ResolvedAutomatic1111Options } from "./options";
import type { Pace } from "./pace";
import { createApi } from "./server/api";
import { createInspector } from "./server/inspector";

/** The provider itself; how long things may take is the caller's to say. */
export function createProvider(
  options: ResolvedAutomatic1111Options,
  pace: Pace,
): ImageProvider & { close(): Promise<void> } {
  const { id, url, headers, isExclusive, models } = options;
  const api = createApi(url, headers, pace.answerMs);
  const inspector = createInspector(api, isExclusive, pace.holdMs);
  const line = createLine();
  const tools: RunTools = { options, api, inspector, line, pace };
  const calls = new AbortGroup();
  let closing: Promise<void> | undefined;

  function join(signal: AbortSignal): Membership {
    try {
      return calls.join(signal);
    } catch (error) {
      if (ProviderError.is(error)) throw error;
      throw new ProviderError("cancelled", FAULT_MESSAGES.cancelled, { started: "no" });
    }
  }

  return {
    id,
    models: (ctx) => listModels(models, inspector, ctx),
    async run(task, ctx) {
      const { signal, leave } = join(ctx.signal);
      return runTask(tools, task, ctx, signal, leave);
    },
    health: (ctx) => checkHealth(api, line, ctx),
    close() {
      const reason = new ProviderError("unavailable", "The provider is closed.", { started: "no" });
      closing ??= calls.close(reason);
      return closing;
    },
  };
}
