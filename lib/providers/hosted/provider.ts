import type { ImageProvider, RunContext, UpstreamRef } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import type { ImageTask } from "../../ports/task";
import { createBackground } from "../upstream/background";
import type { Way } from "../upstream/json-exchange";
import { providerError } from "../upstream/transport-fault";
import type { GenerateTask } from "./fill-inputs";
import type { Model } from "./models";
import { accomplish, type RemoteWork, type Stopped } from "./remote-work";

/** A service that hosts many people's models and runs them as jobs. */
export interface HostingService {
  readonly id: string;
  /** By the id that clients write. */
  readonly models: ReadonlyMap<string, Model>;
  readonly pollMs: number;
  work(task: GenerateTask, model: Model, ctx: RunContext): RemoteWork;
  stop(ref: UpstreamRef, way: Way): Promise<Stopped>;
}

/** Close it when it is no longer used: it may still be telling the upstream to stop. */
export type HostedProvider = ImageProvider & { close(): Promise<void> };

export function hostedProvider({ id, models, pollMs, work, stop }: HostingService): HostedProvider {
  const background = createBackground();
  const cards = [...models.values()].map(({ card }) => card);

  async function run(task: ImageTask, ctx: RunContext, known?: UpstreamRef) {
    if (task.op !== "generate") {
      throw new ProviderError("invalid_request", "this provider only generates images", { started: "no" });
    }
    const model = models.get(task.model);
    if (model === undefined) {
      throw new ProviderError("not_found", "there is no such model", { started: "no", param: "model" });
    }
    return accomplish(work(task, model, ctx), ctx, { pollMs, background }, known);
  }

  return {
    id,
    models: () => cards,
    run: (task, ctx) => run(task, ctx),
    resume: (ref, task, ctx) => run(task, ctx, ref),
    async cancel(ref, ctx) {
      try {
        return await stop(ref, ctx);
      } catch (error) {
        throw providerError(error, ctx.signal, false);
      }
    },
    close: () => background.close(),
  };
}
