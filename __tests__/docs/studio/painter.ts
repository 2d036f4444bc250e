import { setTimeout as pause } from "node:timers/promises";
import { type ImageProvider, ProviderError } from "express-image-gateway";

/** Stands for whatever draws. */
export type Draw = (prompt: string, step: number) => Promise<Uint8Array>;

export const painter = (draw: Draw, steps = 5, stepMs = 200): ImageProvider => ({
  id: "painter",
  models: () => [{ id: "painter-1", limits: { n: 1 }, progress: "steps", previews: true }],
  async run(task, ctx) {
    if (task.op !== "generate") {
      throw new ProviderError("invalid_request", "The painter draws prompts only.", { started: "no" });
    }
    let picture: Uint8Array = new Uint8Array();
    for (let step = 1; step <= steps; step += 1) {
      await pause(stepMs, undefined, { signal: ctx.signal }).catch(() => {
        throw new ProviderError("cancelled", "The painter was stopped.", { started: "yes" });
      });
      picture = await draw(task.prompt, step);
      const preview = ctx.wantsPreviews ? { preview: { type: "image/png", bytes: picture } } : {};
      ctx.progress({ phase: "sampling", step, steps, ...preview });
    }
    const open = async function* () {
      yield picture;
    };
    return { images: [{ data: { as: "bytes", open } }], meta: () => ({}) };
  },
});
