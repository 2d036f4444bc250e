import { memoryStore } from "../../../lib/stores/memory";
import {
  type BrokenStore,
  calm,
  collect,
  type Found,
  isForm,
  once,
  over,
  withClockOff,
  withFacts,
  withFound,
  withWrite,
} from "./wrap";

/** Broken in what is told of an image, and when: rules 1, 2, 4, 5 and 8. */
export const brokenReading: readonly BrokenStore[] = [
  {
    rule: 1,
    what: "loses the byte after a full block",
    create: (conditions) =>
      withFound(memoryStore(conditions), (found) =>
        found.image.bytes === 65_537
          ? { ...found, body: once(collect(found.body).then((bytes) => bytes.subarray(0, 65_536))) }
          : found,
      ),
  },
  {
    rule: 1,
    what: "tells another width when asked again",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        stat: async (key) => {
          const image = await inner.stat(key);
          return image && { ...image, width: image.height };
        },
      });
    },
  },
  {
    rule: 1,
    what: "makes keys of another form",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const withoutSuffix = (key: string) => key.replace(/\.png$/, "");
      const renamed = over(inner, {
        stat: (key) => inner.stat(withoutSuffix(key)),
        read: (key, options) => inner.read(withoutSuffix(key), options),
        delete: (keys) => inner.delete(keys.map(withoutSuffix)),
      });
      return withFacts(renamed, (image) => ({ ...image, key: `${image.key}.png` }));
    },
  },
  {
    rule: 1,
    what: "shows nothing to another instance",
    create: memoryStore,
    another: (_store, conditions) => memoryStore(conditions),
  },
  {
    rule: 2,
    what: "fails for an unknown key",
    create: (conditions) => {
      const known = new Set<string>();
      const inner = memoryStore(conditions);
      const remembering = withWrite(inner, (write) => async (image) => {
        const stored = await write(image);
        known.add(stored.key);
        return stored;
      });
      return over(remembering, {
        read: async (key, options) => {
          if (isForm(key) && !known.has(key)) throw new Error("unknown");
          return inner.read(key, options);
        },
      });
    },
  },
  {
    rule: 2,
    what: "fails for a malformed key",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        stat: async (key) => {
          if (!isForm(key)) throw new Error("malformed");
          return inner.stat(key);
        },
      });
    },
  },
  {
    rule: 2,
    what: "gives out deleted images",
    create: (conditions) => {
      const deleted = new Map<string, Found>();
      const inner = memoryStore(conditions);
      return over(inner, {
        delete: async (keys) => {
          for (const key of keys) {
            const found = await inner.read(key, { signal: calm() });
            if (found) deleted.set(key, found);
          }
          await inner.delete(keys);
        },
        read: async (key, options) => (await inner.read(key, options)) ?? deleted.get(key),
      });
    },
  },
  {
    rule: 4,
    what: "tells an end later than ttl after the writing",
    create: (conditions) =>
      withFacts(memoryStore(conditions), (image) => ({ ...image, createdAt: image.createdAt - 1 })),
  },
  {
    rule: 4,
    what: "ends images a millisecond early",
    create: (conditions) => withClockOff(conditions, 1, "find"),
  },
  {
    rule: 4,
    what: "ends images a millisecond late",
    create: (conditions) => withClockOff(conditions, -1, "find"),
  },
  {
    rule: 5,
    what: "leaves out the last byte of a range",
    create: (conditions) =>
      withFound(memoryStore(conditions), (found, { range }) =>
        range ? { ...found, body: once(collect(found.body).then((bytes) => bytes.subarray(0, -1))) } : found,
      ),
  },
  {
    rule: 5,
    what: "tells the length of the range as that of the image",
    create: (conditions) =>
      withFound(memoryStore(conditions), (found, { range }) =>
        range ? { ...found, image: { ...found.image, bytes: range.end - range.start + 1 } } : found,
      ),
  },
  {
    rule: 8,
    what: "fails to delete what is not there",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        delete: async (keys) => {
          for (const key of keys) if (!(await inner.stat(key))) throw new Error("not there");
          await inner.delete(keys);
        },
      });
    },
  },
  {
    rule: 8,
    what: "deletes nothing beside an unknown key",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        delete: async (keys) => {
          for (const key of keys) if (!(await inner.stat(key))) return;
          await inner.delete(keys);
        },
      });
    },
  },
];
