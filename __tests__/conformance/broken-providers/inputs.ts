import type { ImageTask, InputImage } from "../../../lib/ports";
import { type BrokenProvider, broken, withTask } from "./broken";

/** Changes how the pictures of a task are read. */
const withImages = (change: (image: InputImage) => InputImage) =>
  withTask((task) => (task.op === "generate" ? task : { ...task, images: task.images.map(change) }));

const imagesOf = (task: ImageTask): readonly InputImage[] => (task.op === "generate" ? [] : task.images);

export const brokenInputs: readonly BrokenProvider[] = [
  broken(
    14,
    "pictures are forgotten",
    withTask((task) => ({ prompt: "", ...task, op: "generate" })),
  ),
  broken(
    14,
    "the mask is forgotten",
    withTask((task) => {
      if (task.op !== "edit") return task;
      const { mask: _forgotten, ...rest } = task;
      return rest;
    }),
  ),
  broken(
    14,
    "of several pictures one is sent",
    withTask((task) => (task.op === "edit" ? { ...task, images: task.images.slice(0, 1) } : task)),
  ),
  broken(
    14,
    "pictures end with their first piece",
    withImages((image) => ({
      ...image,
      async *open() {
        for await (const piece of image.open()) {
          yield piece;
          return;
        }
      },
    })),
  ),
  broken(14, "pictures are read once for all", (provider) => {
    const seen = new WeakMap<InputImage["open"], Uint8Array[]>();
    const remembered = withImages((image) => ({
      ...image,
      async *open() {
        const known = seen.get(image.open);
        if (known !== undefined) return yield* known;
        const pieces: Uint8Array[] = [];
        for await (const piece of image.open()) {
          pieces.push(piece);
          yield piece;
        }
        seen.set(image.open, pieces);
      },
    }));
    return remembered(provider);
  }),
  broken(14, "a look at each picture is never ended", (provider) => ({
    run: async (task, ctx) => {
      for (const image of imagesOf(task)) {
        const look = image.open()[Symbol.asyncIterator]();
        look.next().catch(() => {});
      }
      return provider.run(task, ctx);
    },
  })),
  broken(2, "what breaks a picture is thrown on", (provider) => ({
    run: async (task, ctx) => {
      if (!ctx.signal.aborted) for (const image of imagesOf(task)) for await (const _piece of image.open());
      return provider.run(task, ctx);
    },
  })),
  broken(
    14,
    "what is no prompt becomes a word",
    withTask((task) => (task.op === "variation" ? { ...task, op: "edit", prompt: String(undefined) } : task)),
  ),
];
