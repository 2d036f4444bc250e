import { Base64Error, decodeBase64, encodeBase64, plainBase64 } from "../../internal/base64";
import { type ImageHead, peekImageHead, type Replay } from "../../internal/image-head";
import type { HttpClient, ImageOut } from "../../ports";
import { HttpError, ProviderError } from "../../ports";
import { classified } from "../running/foreign-failure";

const MAX_SIDE = 16_384;
const MAX_PIXELS = 64_000_000;

export interface OpenOptions {
  /** For addresses that an upstream hands us: behind the SSRF guard, without credentials. */
  readonly fetcher: HttpClient;
  /** Of one image, decoded. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A picture whose first bytes have been seen. Its data is read once, in one form or the other. */
export interface OpenPicture extends ImageHead {
  bytes(): AsyncIterable<Uint8Array>;
  /** Plain padded base64; as it came, where it came so. */
  base64(): AsyncIterable<Uint8Array>;
  /** Bytes of the picture that have been read so far. */
  readonly length: number;
  /** Lets go of what was not read. */
  close(): void;
}

/**
 * Opens what a provider hands out, in whatever form it comes, and looks what it is: that, the bytes say.
 *
 * @throws ProviderError `protocol` when it is no picture, too big or cannot be fetched; so do its bytes and its base64
 */
export async function openPicture(out: ImageOut, options: OpenOptions): Promise<OpenPicture> {
  const { isText, pieces } = await explaining(options.signal, () => sourceOf(out, options));
  const meter = createMeter(isText, options.maxBytes);
  const source = meter.through(explained(pieces, options.signal));
  const { head, bytes: data } = await peekImageHead(source, isText ? decodedStart : undefined);
  try {
    return {
      ...checked(head),
      bytes: () => (isText ? decodeBase64(data) : data),
      base64: () => (isText ? data : encoded(data)),
      get length() {
        return meter.bytes;
      },
      close: () => leave(data),
    };
  } catch (error) {
    leave(data);
    throw error;
  }
}

/** It is not waited for: it may hang, and adds nothing to what is known. */
const leave = (data: Replay): void => void data.return().catch(() => {});

interface Source {
  /** The pieces are plain base64. */
  readonly isText: boolean;
  readonly pieces: AsyncIterable<Uint8Array>;
}

async function sourceOf({ data }: ImageOut, { signal, maxBytes, fetcher }: OpenOptions): Promise<Source> {
  // An adapter without types may hand out anything.
  if (data?.as === "bytes") return { isText: false, pieces: views(classified(() => data.open())) };
  if (data?.as === "base64") {
    return { isText: true, pieces: plainBase64(views(classified(() => data.open()))) };
  }
  if (data?.as !== "url") {
    throw new ProviderError("internal", "The provider handed out a picture in an unknown form.", {
      started: "yes",
    });
  }
  if (data.url.startsWith("data:")) return { isText: true, pieces: plainBase64(oneChunk(data.url)) };
  const { status, body } = await fetcher.request({ method: "GET", url: data.url, signal, maxBytes });
  if (status === 200) return { isText: false, pieces: body };
  // Leaving at once frees the connection.
  await body[Symbol.asyncIterator]().return?.();
  throw invalid("A picture that the provider made could not be fetched.");
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, "latin1");
}

async function* views(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (!ArrayBuffer.isView(chunk)) {
      throw new ProviderError("internal", "The provider handed out a picture that is no stream of bytes.", {
        started: "yes",
      });
    }
    yield chunk;
  }
}

async function* encoded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const text of encodeBase64(source)) yield Buffer.from(text, "latin1");
}

const decodedStart = (text: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1"), "base64");

function checked(head: ImageHead | undefined): ImageHead {
  if (head === undefined) throw invalid("The provider sent something that is not a picture.");
  if (head.width > MAX_SIDE || head.height > MAX_SIDE || head.width * head.height > MAX_PIXELS) {
    throw invalid("The provider sent a picture with too many pixels.");
  }
  return head;
}

/** Counts the bytes of the picture in what goes through. */
function createMeter(isText: boolean, maxBytes: number) {
  let length = 0;
  const bytesIn = (chunk: Uint8Array) =>
    isText ? (chunk.byteLength * 3) / 4 - paddingOf(chunk) : chunk.byteLength;
  return {
    get bytes() {
      return Math.floor(length);
    },
    async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        length += bytesIn(chunk);
        if (length > maxBytes) throw invalid("The provider sent a picture with too many bytes.");
        yield chunk;
      }
    },
  };
}

const PAD = "=".charCodeAt(0);

const paddingOf = (text: Uint8Array): number => (text.at(-1) !== PAD ? 0 : text.at(-2) !== PAD ? 1 : 2);

async function explaining<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explanation(error, signal);
  }
}

async function* explained(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    throw explanation(error, signal);
  }
}

function explanation(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof Base64Error) return invalid("The provider sent broken image data.");
  if (HttpError.is(error) && !signal.aborted) {
    return invalid("A picture that the provider made could not be fetched.", error);
  }
  return error;
}

/** The upstream has done the work: never worth a second, paid call. */
const invalid = (message: string, cause?: unknown): ProviderError =>
  new ProviderError("protocol", message, { started: "yes", cause });
