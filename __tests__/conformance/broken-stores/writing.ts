import type { NewImage } from "../../../lib/ports";
import { memoryStore } from "../../../lib/stores/memory";
import { type BrokenStore, calm, collect, once, over, withFound, withWrite } from "./wrap";

const endless = (): Promise<never> => new Promise(() => {});

/** The source as the store sees it, changed. */
const withSource =
  (change: (image: NewImage) => AsyncIterable<Uint8Array>): BrokenStore["create"] =>
  (conditions) =>
    withWrite(memoryStore(conditions), (write) => (image) => write({ ...image, bytes: change(image) }));

/** Broken in how images come and go: rules 3, 7 and 9. */
export const brokenWriting: readonly BrokenStore[] = [
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
    what: "hears of an abort only when the source goes on",
    create: (conditions) =>
      withWrite(memoryStore(conditions), (write) => async (image) => {
        image.signal.throwIfAborted();
        return write({ ...image, signal: calm() });
      }),
  },
  {
    rule: 3,
    what: "writes although the signal has aborted already",
    create: (conditions) =>
      withWrite(memoryStore(conditions), (write) => (image) => {
        const signal = image.signal.aborted ? calm() : image.signal;
        return write({ ...image, signal });
      }),
  },
  {
    rule: 7,
    what: "lets writers share a buffer",
    create: (conditions) => {
      let shared: Uint8Array = new Uint8Array();
      const mixed = withSource((image) =>
        (async function* () {
          for await (const chunk of image.bytes) {
            shared = chunk;
            await new Promise(setImmediate);
            yield shared;
          }
        })(),
      );
      return mixed(conditions);
    },
  },
  {
    rule: 7,
    what: "asks for two chunks at once",
    create: withSource(({ bytes }) =>
      (async function* () {
        const iterator = bytes[Symbol.asyncIterator]();
        for (;;) {
          for (const step of [iterator.next(), iterator.next()]) {
            const { done, value } = await step;
            if (done) return;
            yield value;
          }
        }
      })(),
    ),
  },
  {
    rule: 7,
    what: "hands out a big image in one piece",
    create: (conditions) =>
      withFound(memoryStore(conditions), (found) =>
        found.image.bytes > 1_000_000 ? { ...found, body: once(collect(found.body)) } : found,
      ),
  },
  {
    rule: 7,
    what: "hands out the bytes it keeps",
    create: (conditions) => {
      const kept = new Map<string, Promise<Uint8Array>>();
      return withFound(memoryStore(conditions), (found, { key, range }) => {
        if (range || found.image.bytes !== 100_000) return found;
        const bytes = kept.get(key) ?? collect(found.body);
        kept.set(key, bytes);
        return { ...found, body: once(bytes) };
      });
    },
  },
  {
    rule: 7,
    what: "stops a reader when the image is evicted",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return withFound(inner, (found, { key }) => ({
        ...found,
        body: (async function* () {
          for await (const piece of found.body) {
            if (!(await inner.stat(key))) throw new Error("gone");
            yield piece;
          }
        })(),
      }));
    },
  },
  {
    rule: 9,
    what: "fails when it is closed again",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      let times = 0;
      return over(inner, {
        close: async () => {
          times += 1;
          // The suite itself closes each store once more when a test has ended.
          if (times === 2) throw new Error("closed already");
          await inner.close?.();
        },
      });
    },
  },
  {
    rule: 9,
    what: "waits for sources when it closes",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      const open = new Set<Promise<unknown>>();
      const waiting = withWrite(inner, (write) => (image) => {
        const writing = write(image);
        open.add(Promise.allSettled([writing]));
        return writing;
      });
      return over(waiting, {
        close: async () => {
          await Promise.all(open);
          await inner.close?.();
        },
      });
    },
  },
  {
    rule: 9,
    what: "waits for readers when it closes",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      let isReading = false;
      const reading = withFound(inner, (found) => ({
        ...found,
        body: (async function* () {
          isReading = true;
          yield* found.body;
          isReading = false;
        })(),
      }));
      return over(reading, {
        close: async () => {
          if (isReading) await endless();
          await inner.close?.();
        },
      });
    },
  },
];
