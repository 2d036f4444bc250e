import type { Membership } from "../../internal/abort-group";
import { unlessIdle } from "../../internal/unless-idle";
import { untilAborted } from "../../internal/until-aborted";

/** What is used of the body of an answer, a stream of Node's. */
export interface ObjectStream extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

/** How long the storage may send nothing while somebody reads. */
const IDLE_MS = 30_000;

/**
 * The bytes of an object, once. The connection is let go at the end, when the reader leaves, when reading fails and when the signal aborts,
 * so also for a reader who never begins.
 */
export function objectBody(
  { stream, length }: { readonly stream: ObjectStream; readonly length: number },
  work: Membership,
): AsyncIterable<Uint8Array> {
  const { signal } = work;
  const end = () => {
    signal.removeEventListener("abort", end);
    stream.destroy();
    work.leave();
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  // A connection can break before anybody reads, and an error that nobody hears ends the process.
  stream.on("error", () => {});

  const pieces = readWhole(stream, length, signal);
  const iterator: AsyncIterator<Uint8Array, void> = {
    async next() {
      try {
        const step = await pieces.next();
        if (step.done) end();
        return step;
      } catch (error) {
        end();
        throw error;
      }
    },
    return() {
      // Also where nothing has been read: a generator that was not begun has nothing to end.
      end();
      return pieces.return();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* readWhole(
  stream: ObjectStream,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let left = length;
  try {
    for await (const piece of untilAborted(unlessIdle(stream, IDLE_MS, silence), signal)) {
      left -= piece.byteLength;
      yield piece;
    }
    if (left !== 0) throw new Error("It has another length than was said.");
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error("An image could not be read to its end.", { cause });
  }
}

const silence = (): Error => new Error("The storage sends nothing any more.");

export function isObjectStream(body: unknown): body is ObjectStream {
  return (
    typeof body === "object" &&
    body !== null &&
    Symbol.asyncIterator in body &&
    "destroy" in body &&
    typeof body.destroy === "function"
  );
}
