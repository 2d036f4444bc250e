import { Slots } from "../../internal/slots";
import type { ImageProvider } from "../../ports";
import { asProviderError, cancelled, orCancelled } from "./cancelled";
import { type EditTask, type Given, readGiven } from "./given";
import { loadSharp } from "./library";
import { type DemoOptions, resolveDemoOptions } from "./options";
import { orderOf } from "./order";
import { sample } from "./sampling";
import { Work, type WorkTools } from "./work";

export type { DemoModel, DemoOptions } from "./options";

/** Pictures drawn at once, of all calls together: more would fill the memory, and keep the threads that files and names are read with. */
const DRAWN_AT_ONCE = 2;

/**
 * Draws pictures by rule instead of asking a model, with real steps, progress and previews: no key, GPU or network needed.
 * Every picture is marked as a demo's. For trying things out, not for production.
 *
 * @throws Error when an option is wrong, or when the optional package `sharp` is not installed
 * @example
 * ```ts
 * import { demo } from "express-image-gateway/providers/demo";
 *
 * const provider = demo({ aliases: ["dall-e-3"] });
 * ```
 */
export function demo(options: DemoOptions = {}): ImageProvider {
  const { id, cards, stepMs, steps } = resolveDemoOptions(options);
  const sharp = loadSharp();
  const slots = new Slots(DRAWN_AT_ONCE);
  return {
    id,
    models: () => cards,
    async run(task, ctx) {
      if (ctx.signal.aborted) throw cancelled("no");
      const { signal } = ctx;
      const tools = { sharp, slots, signal };
      try {
        const given = task.op === "generate" ? undefined : await givenTo(task, tools);
        const order = orderOf(task, steps, given);
        const works = order.pictures.map((picture) => new Work(tools, picture, order.base));
        await sample(works, { steps: order.steps, stepMs }, ctx);
        return { images: works.map((work) => work.image(order)), meta: () => ({}) };
      } catch (error) {
        throw asProviderError(error);
      }
    },
    health: () => Promise.resolve({ status: "up" }),
  };
}

/** Decoding takes as much as drawing does. */
const givenTo = (task: EditTask, { sharp, slots, signal }: WorkTools): Promise<Given> =>
  orCancelled(
    signal,
    slots.run(signal, () => readGiven(sharp, task, signal)),
  );
