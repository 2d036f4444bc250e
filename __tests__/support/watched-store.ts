import type { ImageStore } from "express-image-gateway";

type Reserve = ImageStore["reserve"];

export interface WatchedStore {
  readonly store: ImageStore;
  /** The keys of pictures that are still there, and the reservations that are still held. */
  remains(): Promise<readonly string[]>;
}

/** A store that tells what of it was never given back; where `isWatched` is given, of those reservations only. */
export function watchedStore(
  inner: ImageStore,
  isWatched: (request: Parameters<Reserve>[0]) => boolean = () => true,
): WatchedStore {
  const written: string[] = [];
  const held = new Set<string>();
  let reservations = 0;
  const reserve: Reserve = async (request) => {
    const reservation = await inner.reserve(request);
    if (!isWatched(request)) return reservation;
    const name = `reservation ${reservations++}`;
    held.add(name);
    return {
      async write(image) {
        const stored = await reservation.write(image);
        written.push(stored.key);
        return stored;
      },
      async release() {
        held.delete(name);
        await reservation.release();
      },
    };
  };
  return {
    store: {
      reserve,
      stat: (key) => inner.stat(key),
      read: (key, options) => inner.read(key, options),
      delete: (keys) => inner.delete(keys),
      close: () => inner.close?.(),
    },
    async remains() {
      const found = await Promise.all(written.map((key) => inner.stat(key).catch(() => undefined)));
      return [...found.flatMap((image) => image?.key ?? []), ...held];
    },
  };
}
