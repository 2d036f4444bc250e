import type { ImageStore } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";

/** A store that counts what goes through another one. */
export function countingStore(counted: (key: string) => void, inner: ImageStore = memoryStore()): ImageStore {
  return {
    ready: async () => inner.ready?.(),
    async reserve(request) {
      const reservation = await inner.reserve(request);
      return {
        async write(image) {
          const stored = await reservation.write(image);
          counted(stored.key);
          return stored;
        },
        release: () => reservation.release(),
      };
    },
    stat: (key) => inner.stat(key),
    read: (key, options) => inner.read(key, options),
    delete: (keys) => inner.delete(keys),
    close: () => inner.close?.(),
  };
}
