/** The models of the upstream: each has one answer. Pictures are counted in bytes of their base64 text. */
export const ANSWERS = {
  "bench-small": { pictures: 1, textBytes: 120 },
  "bench-one": { pictures: 1, textBytes: 4 * 2 ** 20 },
  "bench-ten": { pictures: 10, textBytes: 4 * 2 ** 20 },
  /** Three unfinished versions, then the picture; as events, with a pause before each but the first. */
  "bench-events": { pictures: 4, textBytes: 2 ** 20 },
} as const;

export type Model = keyof typeof ANSWERS;

/** Between two events of the upstream. */
export const PAUSE_MS = 100;
export const UPLOAD_BYTES = 20_000_000;

export const SHAPE_IDS = ["S", "L", "XL", "X32", "X128", "P", "U", "E"] as const;
export type ShapeId = (typeof SHAPE_IDS)[number];

/** So many requests, so many of them at a time. */
export interface Series {
  readonly inFlight: number;
  readonly count: number;
}

/** One kind of request, and how often it is made of a fresh server. */
export interface Shape {
  readonly id: ShapeId;
  readonly title: string;
  readonly model: Model;
  /** Of the JSON body; a shape without it uploads a picture to be edited. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The caller wants addresses; the upstream gives base64 all the same. */
  readonly wantsUrl?: true;
  /**
   * Small requests that a fresh server answers first. A few large ones do not warm what every request goes through: 32 that come at once would
   * meet code that has run five times.
   */
  readonly limber: Series;
  readonly warm: Series;
  /** Requests one after the other, for the time to the first byte; 0: none. */
  readonly alone: number;
  readonly measured: Series;
}

const LIMBER: Series = { inFlight: 16, count: 1_000 };
const ONCE: Series = { inFlight: 1, count: 1 };

const inBase64 = { response_format: "b64_json" };
const tenAtOnce = { model: "bench-ten", fields: { ...inBase64, n: 10 }, alone: 0 } as const;

const ALL: readonly Omit<Shape, "limber">[] = [
  {
    id: "S",
    title: "a small answer: one tiny picture, 400 bytes of JSON",
    model: "bench-small",
    fields: inBase64,
    warm: { inFlight: 16, count: 8_000 },
    alone: 500,
    measured: { inFlight: 16, count: 6000 },
  },
  {
    id: "L",
    title: "one picture of 4 MiB",
    model: "bench-one",
    fields: inBase64,
    warm: { inFlight: 4, count: 240 },
    alone: 30,
    measured: { inFlight: 4, count: 200 },
  },
  {
    id: "XL",
    title: "ten pictures of 4 MiB in one answer",
    ...tenAtOnce,
    warm: { inFlight: 1, count: 4 },
    alone: 8,
    measured: { inFlight: 4, count: 24 },
  },
  {
    id: "X32",
    title: "32 answers of ten pictures at once",
    ...tenAtOnce,
    warm: { inFlight: 1, count: 4 },
    measured: { inFlight: 32, count: 32 },
  },
  {
    id: "X128",
    title: "128 answers of ten pictures at once",
    ...tenAtOnce,
    warm: { inFlight: 1, count: 4 },
    measured: { inFlight: 128, count: 128 },
  },
  {
    id: "P",
    title: `events: three unfinished versions and the picture, 1 MiB each, ${PAUSE_MS} ms apart`,
    model: "bench-events",
    fields: { stream: true, partial_images: 3 },
    warm: { inFlight: 8, count: 16 },
    alone: 0,
    measured: { inFlight: 1, count: 12 },
  },
  {
    id: "U",
    title: "one picture of 4 MiB, asked for as an address",
    model: "bench-one",
    fields: { response_format: "url" },
    wantsUrl: true,
    // All of them together have room in the store.
    warm: { inFlight: 32, count: 64 },
    alone: 0,
    measured: { inFlight: 32, count: 256 },
  },
  {
    id: "E",
    title: "an edit: a picture of 20 MB uploaded, a small answer",
    model: "bench-small",
    warm: { inFlight: 1, count: 10 },
    alone: 10,
    measured: { inFlight: 4, count: 40 },
  },
];

/** Enough to see that everything works; the figures mean nothing. */
const hurried = (shape: Omit<Shape, "limber">): Shape => ({
  ...shape,
  limber: ONCE,
  warm: ONCE,
  alone: Math.min(shape.alone, 1),
  measured: { inFlight: Math.min(shape.measured.inFlight, 2), count: 2 },
});

export function shapeOf(id: ShapeId, isQuick: boolean): Shape {
  const shape = ALL.find((each) => each.id === id);
  if (shape === undefined) throw new Error(`there is no shape ${id}`);
  return isQuick ? hurried(shape) : { ...shape, limber: LIMBER };
}
