import type { ImageTask, InputImage, ModelCard, Op, Size, SizeRule, TaskFields } from "../../ports";

const SMALL = 64;

/** One pixel, as PNG. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

export const opsOf = (card: ModelCard): readonly Op[] => card.ops ?? ["generate"];

/** What a test gives a task to begin with. */
export interface AskedPictures {
  /** @default one pixel */
  readonly images?: readonly InputImage[] | undefined;
  /** @default none */
  readonly mask?: InputImage | undefined;
}

/** A small task that a card allows; `more` says what matters to the test. */
export function asked(
  card: ModelCard,
  more: Partial<TaskFields>,
  op = opsOf(card)[0],
  { images = [pixel], mask }: AskedPictures = {},
): ImageTask {
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
  if (op === "edit") return { op, ...fields, images, ...(mask && { mask }) };
  const { prompt: _none, ...rest } = fields;
  return { op, ...rest, images };
}

const pixel: InputImage = {
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
