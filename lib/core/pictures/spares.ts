import { randomBytes } from "node:crypto";
import { decodeBase64 } from "../../internal/base64";
import { MIB } from "../../internal/byte-sizes";
import type { ByteRange, Clock, ImageStore, StoredImage } from "../../ports";

/**
 * Pictures in memory for callers that would have to ask for them again, should their connection break. They lie there as the base64
 * that went out, which costs next to nothing; where there is no room left for one, the store is for it.
 */
export interface Spares {
  /** The store, together with what lies here. */
  readonly store: ImageStore;
  begin(): SpareDraft;
}

/** One picture on its way in. */
export interface SpareDraft {
  /** Takes the next piece of its base64; `false`: there is no room for it, and it is not taken. */
  add(piece: Uint8Array): boolean;
  /** What was taken until now, piece by piece; what has come out of it takes no room any more. */
  drain(): Iterable<Uint8Array>;
  /** Drops what there is. */
  drop(): void;
  /** All of it is here. */
  keep(facts: Pick<StoredImage, "contentType" | "bytes" | "width" | "height">): StoredImage;
}

interface Spare {
  readonly image: StoredImage;
  readonly pieces: readonly Uint8Array[];
}

/** Nothing is thrown out for another one: a retry could be on its way to it. */
const MOST_BYTES = 32 * MIB;
/** For those of callers that never come back. */
const KEPT_MS = 900_000;
const KEY_BYTES = 24;
/** What the buffer of a piece takes beside its bytes. */
const PIECE_BYTES = 256;

/** @param options `mostBytes`: of base64, by default 32 MiB */
export function createSpares({
  store,
  clock,
  mostBytes = MOST_BYTES,
}: {
  readonly store: ImageStore;
  readonly clock: Clock;
  readonly mostBytes?: number;
}): Spares {
  /** In the order in which they came. */
  const spares = new Map<string, Spare>();
  let used = 0;

  const remove = (key: string): boolean => {
    const spare = spares.get(key);
    if (spare === undefined) return false;
    used -= weightOfAll(spare.pieces);
    return spares.delete(key);
  };
  const find = (key: string): Spare | undefined => {
    const spare = spares.get(key);
    return spare !== undefined && spare.image.expiresAt > clock() ? spare : undefined;
  };
  const expire = () => {
    for (const [key, { image }] of spares) {
      if (image.expiresAt > clock()) return;
      remove(key);
    }
  };

  return {
    begin() {
      let pieces: Uint8Array[] = [];
      return {
        add(piece) {
          const weight = weightOf(piece);
          if (used + weight > mostBytes) expire();
          if (used + weight > mostBytes) return false;
          used += weight;
          // A copy: whoever made the piece may use its bytes again.
          pieces.push(Uint8Array.from(piece));
          return true;
        },
        *drain() {
          for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
            used -= weightOf(piece);
            yield piece;
          }
        },
        drop() {
          used -= weightOfAll(pieces);
          pieces = [];
        },
        keep(facts) {
          const createdAt = clock();
          const key = randomBytes(KEY_BYTES).toString("base64url");
          const image = { ...facts, key, createdAt, expiresAt: createdAt + KEPT_MS };
          spares.set(key, { image, pieces });
          pieces = [];
          return image;
        },
      };
    },

    store: {
      reserve: (request) => store.reserve(request),
      stat: async (key) => find(key)?.image ?? store.stat(key),
      async read(key, options) {
        const spare = find(key);
        if (spare === undefined) return store.read(key, options);
        options.signal.throwIfAborted();
        return { image: spare.image, body: within(decodeBase64(each(spare.pieces)), options.range) };
      },
      async delete(keys) {
        const others = keys.filter((key) => !remove(key));
        if (others.length > 0) await store.delete(others);
      },
    },
  };
}

const weightOf = ({ length }: Uint8Array): number => length + PIECE_BYTES;

const weightOfAll = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, piece) => sum + weightOf(piece), 0);

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function* within(
  bytes: AsyncIterable<Uint8Array>,
  { start, end }: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of bytes) {
    const part = piece.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    if (part.length > 0) yield part;
    at += piece.length;
  }
}
