import type { ByteRange, ImageStore, NewImage, Reservation, StoredImage } from "../../../lib/ports";
import { memoryStore } from "../../../lib/stores/memory";
import type { ImageStoreConditions } from "../../../lib/testing/image-store";

export type Found = NonNullable<Awaited<ReturnType<ImageStore["read"]>>>;
export type Write = (image: NewImage) => Promise<StoredImage>;

/** A store that breaks one rule in one way and keeps all others. */
export interface BrokenStore {
  readonly rule: number;
  readonly what: string;
  create(conditions: ImageStoreConditions): ImageStore;
  /** Default: the same instance. */
  another?(store: ImageStore, conditions: ImageStoreConditions): ImageStore;
}

export const calm = (): AbortSignal => new AbortController().signal;

export const isForm = (key: string): boolean => /^[A-Za-z0-9_-]{22,64}$/.test(key);

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function* once(bytes: Uint8Array | Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await bytes;
}

/** `inner` with some of its methods replaced. */
export function over(inner: ImageStore, change: Partial<ImageStore>): ImageStore {
  return {
    reserve: (request) => inner.reserve(request),
    stat: (key) => inner.stat(key),
    read: (key, options) => inner.read(key, options),
    delete: (keys) => inner.delete(keys),
    close: () => inner.close?.(),
    ...change,
  };
}

export const withFound = (
  inner: ImageStore,
  change: (found: Found, about: { key: string; range: ByteRange | undefined }) => Found,
): ImageStore =>
  over(inner, {
    read: async (key, options) => {
      const found = await inner.read(key, options);
      return found && change(found, { key, range: options.range });
    },
  });

export const withReservation = (
  inner: ImageStore,
  change: (reservation: Reservation, request: Parameters<ImageStore["reserve"]>[0]) => Partial<Reservation>,
): ImageStore =>
  over(inner, {
    reserve: async (request) => {
      const reservation = await inner.reserve(request);
      return { ...reservation, ...change(reservation, request) };
    },
  });

export const withWrite = (inner: ImageStore, change: (write: Write) => Write): ImageStore =>
  withReservation(inner, (reservation) => ({ write: change((image) => reservation.write(image)) }));

/** Tells other facts of every image, wherever it tells them. */
export const withFacts = (inner: ImageStore, change: (image: StoredImage) => StoredImage): ImageStore =>
  over(
    withWrite(inner, (write) => async (image) => change(await write(image))),
    {
      stat: async (key) => {
        const image = await inner.stat(key);
        return image && change(image);
      },
      read: async (key, options) => {
        const found = await inner.read(key, options);
        return found && { ...found, image: change(found.image) };
      },
    },
  );

/** A store whose clock is wrong by `ms` while it looks for an image, or while it reserves. */
export function withClockOff(
  conditions: ImageStoreConditions,
  ms: number,
  during: "find" | "reserve",
): ImageStore {
  let off = 0;
  const inner = memoryStore({ ...conditions, clock: () => conditions.clock() + off });
  const wrongly = async <T>(work: () => Promise<T>): Promise<T> => {
    off = ms;
    try {
      return await work();
    } finally {
      off = 0;
    }
  };
  if (during === "reserve")
    return over(inner, { reserve: (request) => wrongly(() => inner.reserve(request)) });
  return over(inner, {
    stat: (key) => wrongly(() => inner.stat(key)),
    read: (key, options) => wrongly(() => inner.read(key, options)),
  });
}
