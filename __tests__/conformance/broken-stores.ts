import type { ByteRange, ImageStore, NewImage, StoredImage } from "../../lib/ports";
import { StoreFullError } from "../../lib/ports";
import { memoryStore } from "../../lib/stores/memory";
import type { ImageStoreConditions } from "../../lib/testing/image-store";

type Read = NonNullable<Awaited<ReturnType<ImageStore["read"]>>>;

interface Broken {
  readonly rule: number;
  readonly what: string;
  create(conditions: ImageStoreConditions): ImageStore;
  another?(store: ImageStore, conditions: ImageStoreConditions): ImageStore;
}

const calm = (): AbortSignal => new AbortController().signal;

/** A memory store with some of its behaviour replaced. */
function over(inner: ImageStore, change: Partial<ImageStore>): ImageStore {
  return {
    reserve: (request) => inner.reserve(request),
    stat: (key) => inner.stat(key),
    read: (key, options) => inner.read(key, options),
    delete: (keys) => inner.delete(keys),
    close: () => inner.close?.(),
    ...change,
  };
}

const withBody = (inner: ImageStore, body: (found: Read, key: string, range?: ByteRange) => Read["body"]) =>
  over(inner, {
    read: async (key, options) => {
      const found = await inner.read(key, options);
      return found && { ...found, body: body(found, key, options.range) };
    },
  });

type Write = (image: NewImage) => Promise<StoredImage>;

const withWrite = (inner: ImageStore, change: (write: Write) => Write) =>
  over(inner, {
    reserve: async (request) => {
      const reservation = await inner.reserve(request);
      return { ...reservation, write: change((image) => reservation.write(image)) };
    },
  });

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const isForm = (key: string): boolean => /^[A-Za-z0-9_-]{22,64}$/.test(key);

/** A store whose clock is wrong by `ms` while a method of the list runs. */
function clockOff(conditions: ImageStoreConditions, ms: number, methods: readonly ("stat" | "read" | "reserve")[]) {
  let off = 0;
  const inner = memoryStore({ ...conditions, clock: () => conditions.clock() + off });
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    off = ms;
    // The memory store looks at its clock before it first waits.
    const result = work();
    off = 0;
    return result;
  };
  return over(inner, {
    ...(methods.includes("stat") && { stat: (key) => during(() => inner.stat(key)) }),
    ...(methods.includes("read") && { read: (key, options) => during(() => inner.read(key, options)) }),
    ...(methods.includes("reserve") && { reserve: (request) => during(() => inner.reserve(request)) }),
  });
}

const never = (): Promise<never> => new Promise(() => {});

/** Each breaks one rule in one way. */
export const brokenStores: readonly Broken[] = [
  {
    rule: 1,
    what: "loses the byte after a full block",
    create: (conditions) =>
      withBody(memoryStore(conditions), ({ image, body }, _key, range) =>
        image.bytes === 65_537 && !range
          ? (async function* () {
              yield (await collect(body)).subarray(0, 65_536);
            })()
          : body,
      ),
  },
  {
    rule: 1,
    what: "stat tells another width",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const stat: ImageStore["stat"] = async (key) => {
        const image = await inner.stat(key);
        return image && { ...image, width: image.height };
      };
      return over(inner, { stat });
    },
    another: (store) => store,
  },
  {
    rule: 1,
    what: "tells its keys with a suffix",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const strip = (key: string) => key.replace(/\.png$/, "");
      const named = (image: StoredImage) => ({ ...image, key: `${image.key}.png` });
      return over(
        withWrite(inner, (write) => async (image) => named(await write(image))),
        {
          stat: async (key) => {
            const image = await inner.stat(strip(key));
            return image && named(image);
          },
          read: async (key, options) => {
            const found = await inner.read(strip(key), options);
            return found && { ...found, image: named(found.image) };
          },
          delete: (keys) => inner.delete(keys.map(strip)),
        },
      );
    },
  },
  {
    rule: 1,
    what: "another instance sees nothing",
    create: memoryStore,
    another: (_store, conditions) => memoryStore(conditions),
  },
  {
    rule: 2,
    what: "an unknown key is an error",
    create: (conditions) => {
      const known = new Set<string>();
      const inner = memoryStore(conditions);
      const writing = withWrite(inner, (write) => async (image) => {
        const stored = await write(image);
        known.add(stored.key);
        return stored;
      });
      const check = (key: string) => {
        if (isForm(key) && !known.has(key)) throw new Error("unknown");
      };
      return over(writing, {
        read: async (key, options) => {
          check(key);
          return inner.read(key, options);
        },
      });
    },
  },
  {
    rule: 2,
    what: "a malformed key is an error",
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
    what: "a deleted image can still be read",
    create: (conditions) => {
      const deleted = new Map<string, Read>();
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
    rule: 3,
    what: "keeps what a failed source had sent",
    create: (conditions) =>
      withWrite(memoryStore(conditions), (write) => async (image) => {
        const came: Uint8Array[] = [];
        const source = (async function* () {
          for await (const chunk of image.bytes) {
            came.push(chunk);
            yield chunk;
          }
        })();
        try {
          return await write({ ...image, bytes: source });
        } catch (error) {
          await write({ ...image, bytes: once(Buffer.concat(came)), signal: calm() });
          throw error;
        }
      }),
  },
  {
    rule: 3,
    what: "hides the error of the source",
    create: (conditions) =>
      withWrite(memoryStore(conditions), (write) => async (image) => {
        try {
          return await write(image);
        } catch (cause) {
          throw image.signal.aborted ? cause : new Error("not written", { cause });
        }
      }),
  },
  {
    rule: 3,
    what: "hears an abort only when the source goes on",
    create: (conditions) =>
      withWrite(memoryStore(conditions), (write) => (image) => {
        image.signal.throwIfAborted();
        return write({ ...image, signal: calm() });
      }),
  },
  {
    rule: 3,
    what: "does not look whether the signal has aborted already",
    create: (conditions) =>
      withWrite(
        memoryStore(conditions),
        (write) => (image) => write({ ...image, signal: image.signal.aborted ? calm() : image.signal }),
      ),
  },
  {
    rule: 4,
    what: "tells an end that is not ttl after the writing",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const late = (image: StoredImage) => ({ ...image, expiresAt: image.expiresAt + 1_000 });
      return over(
        withWrite(inner, (write) => async (image) => late(await write(image))),
        {
          stat: async (key) => {
            const image = await inner.stat(key);
            return image && late(image);
          },
          read: async (key, options) => {
            const found = await inner.read(key, options);
            return found && { ...found, image: late(found.image) };
          },
        },
      );
    },
  },
  {
    rule: 4,
    what: "ends images a millisecond early",
    create: (conditions) => clockOff(conditions, 1, ["stat", "read"]),
  },
  {
    rule: 4,
    what: "ends images a millisecond late",
    create: (conditions) => clockOff(conditions, -1, ["stat", "read"]),
  },
  {
    rule: 5,
    what: "leaves out the last byte of a range",
    create: (conditions) =>
      withBody(memoryStore(conditions), ({ body }, _key, range) =>
        range
          ? (async function* () {
              yield (await collect(body)).subarray(0, -1);
            })()
          : body,
      ),
  },
  {
    rule: 5,
    what: "tells the length of the range as that of the image",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const read: ImageStore["read"] = async (key, options) => {
        const found = await inner.read(key, options);
        if (!found || !options.range) return found;
        return { ...found, image: { ...found.image, bytes: options.range.end - options.range.start + 1 } };
      };
      return over(inner, { read });
    },
  },
  {
    rule: 6,
    what: "does not let expired images go first",
    create: (conditions) => clockOff(conditions, -1_000_000, ["reserve"]),
  },
  {
    rule: 6,
    what: "does not tell owners apart",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, { reserve: (request) => inner.reserve({ ...request, owner: "all" }) });
    },
  },
  {
    rule: 6,
    what: "holds nothing once it is written",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const reserve: ImageStore["reserve"] = async (request) => {
        const reservation = await inner.reserve(request);
        let room = request.bytes;
        const write: Write = async (image) => {
          const own = await inner.reserve({ ...request, bytes: 0 });
          await reservation.release();
          const stored = await own.write(image);
          await own.release();
          room -= stored.bytes;
          return stored;
        };
        return { write, release: () => reservation.release() };
      };
      return over(inner, { reserve });
    },
  },
  {
    rule: 6,
    what: "counts nothing that is reserved",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const reserve: ImageStore["reserve"] = async (request) => {
        await (await inner.reserve(request)).release();
        return inner.reserve({ ...request, bytes: 0 });
      };
      return over(inner, { reserve });
    },
  },
  {
    rule: 6,
    what: "counts an image beside its reservation",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const reserve: ImageStore["reserve"] = async (request) => {
        const reservation = await inner.reserve(request);
        const beside = await inner.reserve({ ...request, bytes: 0 });
        return {
          write: (image) => (request.bytes === conditions.maxBytes && request.bytes === 100 ? beside : reservation).write(image),
          release: async () => {
            await reservation.release();
            await beside.release();
          },
        };
      };
      return over(inner, { reserve });
    },
  },
  {
    rule: 6,
    what: "gives back twice what is released twice",
    create: (conditions) => {
      let surplus = 0;
      const inner = memoryStore({ ...conditions, maxBytes: conditions.maxBytes * 2 });
      let used = 0;
      const reserve: ImageStore["reserve"] = async (request) => {
        if (conditions.maxBytes !== 100) return inner.reserve(request);
        if (used - surplus + request.bytes > conditions.maxBytes) throw new StoreFullError("full");
        used += request.bytes;
        const reservation = await inner.reserve(request);
        return {
          write: (image) => reservation.write(image),
          release: async () => {
            used -= request.bytes;
            surplus += 0;
            await reservation.release();
          },
        };
      };
      return over(inner, { reserve });
    },
  },
];
