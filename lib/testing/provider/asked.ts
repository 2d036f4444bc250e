import type { ImageTask, InputImage, ModelCard, Op, Size, SizeRule, TaskFields } from "../../ports";

const SMALL = 64;

/** One pixel, as PNG. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

export const opsOf = (card: ModelCard): readonly Op[] => card.ops ?? ["generate"];

/** A small task that a card allows; `more` says what matters to the test. */
export function asked(card: ModelCard, more: Partial<TaskFields>, op = opsOf(card)[0]): ImageTask {
  const size = smallSize(card.limits?.sizes);
  const fields: TaskFields = {
    model: card.upstream ?? card.id,
    prompt: "a red cube",
    n: 1,
    deliver: "any",
    extra: Object.create(null),
    ...(size === undefined ? {} : { size }),
    ...(card.params?.seed === false ? {} : { seed: 7 }),
    ...more,
  };
  if (op === undefined || op === "generate") return { op: "generate", ...fields };
  const images = [inputImage];
  return op === "edit" ? { op, ...fields, images } : { op, ...fields, images };
}

const inputImage: InputImage = {
  name: "pixel.png",
  type: "image/png",
  length: PIXEL.length,
  async *open() {
    yield PIXEL;
  },
};

function smallSize(rules: readonly SizeRule[] = []): Size | undefined {
  for (const rule of rules) {
    if (rule.kind === "grid") {
      const side = Math.ceil(Math.max(rule.min ?? 1, SMALL) / rule.step) * rule.step;
      return { width: side, height: side };
    }
    const [, width, height] = rule.kind === "list" ? (/^(\d+)x(\d+)$/.exec(rule.values[0] ?? "") ?? []) : [];
    if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  }
  return undefined;
}
