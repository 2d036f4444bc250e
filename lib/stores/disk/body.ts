import type { FileHandle } from "node:fs/promises";
import type { Membership } from "../../internal/abort-group";
import { KIB } from "../../internal/byte-sizes";
import type { ByteRange } from "../../ports";
import { rangeWithin } from "../range";
import type { OpenImage } from "./open-image";

const CHUNK_BYTES = 64 * KIB;

/**
 * The bytes of an open file, once. The handle is closed at the end, when the reader leaves, when reading fails and when the
 * signal aborts, so also for a reader who never begins.
 *
 * @throws RangeError when the range does not lie inside the image; the handle is then still the caller's
 */
export function fileBody(
  { handle, image }: OpenImage,
  range: ByteRange | undefined,
  work: Membership,
): AsyncIterable<Uint8Array> {
  const { start, end } = rangeWithin(image, range);
  let at = start;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeAndLeave(handle, work, onAbort);
    return closed;
  };
  const onAbort = () => void close();
  work.signal.addEventListener("abort", onAbort, { once: true });

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      work.signal.throwIfAborted();
      if (closed !== undefined || at > end) {
        await close();
        return { done: true, value: undefined };
      }
      try {
        const length = Math.min(CHUNK_BYTES, end - at + 1);
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, at);
        if (bytesRead === 0) throw new Error("An image in the store has been cut short.");
        at += bytesRead;
        if (at > end) await close();
        return { done: false, value: buffer.subarray(0, bytesRead) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function closeAndLeave(handle: FileHandle, work: Membership, onAbort: () => void): Promise<void> {
  work.signal.removeEventListener("abort", onAbort);
  try {
    await handle.close();
  } catch {
    // Nothing was written through it: that it is gone is all that matters.
  } finally {
    work.leave();
  }
}
