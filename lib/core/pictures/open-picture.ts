import {
  Base64Error,
  checkingBase64,
  decodedStart,
  decodingBase64,
  encodingBase64,
  isDataUrl,
  withoutDataPrefix,
} from "../../internal/base64";
import { Flow, type Stage } from "../../internal/flow";
import { type ImageHead, peekImageHead } from "../../internal/image-head";
import { textInPieces } from "../../internal/in-pieces";
import type { Stopping } from "../../internal/stop";
import type { HttpClient, ImageOut } from "../../ports";
import { HttpError, ProviderError } from "../../ports";
import { foreignFailure } from "../foreign-failure";
import { hasTooManyPixels } from "./dimensions";

export interface OpenOptions {
  /** For addresses that an upstream hands us: behind the SSRF guard, without credentials. */
  readonly fetcher: HttpClient;
  /** Of one image, decoded. */
  readonly maxBytes: number;
  readonly signal: Stopping;
}

/** A picture whose first bytes have been seen. Its data is read once, in one form or the other. */
export interface OpenPicture extends ImageHead {
  bytes(): Flow;
  /** Plain padded base64; as it came, where it came so. */
  base64(): Flow;
  /** Bytes of the picture that have been read so far. */
  length(): number;
  /** Lets go of what was not read. */
  close(): void;
}

/**
 * Opens what a provider hands out, in whatever form it comes, and looks what it is: that, the bytes say.
 *
 * @throws ProviderError `protocol` when it is no picture, too big or cannot be fetched; so do its bytes and its base64
 */
export async function openPicture(out: ImageOut, options: OpenOptions): Promise<OpenPicture> {
  try {
    const source = await sourceOf(out, options);
    try {
      const { pieces, isText } = source;
      const { head, bytes } = await peekImageHead(pieces, isText ? decodedStart : undefined);
      return readable(checked(head), { isText, pieces: bytes }, options);
    } catch (error) {
      leave(source.pieces);
      throw error;
    }
  } catch (error) {
    throw explanation(error, options.signal);
  }
}

function readable(
  { contentType, width, height }: ImageHead,
  { isText, pieces }: Source,
  { maxBytes, signal }: OpenOptions,
): OpenPicture {
  const explained: Stage = { broken: (error) => explanation(error, signal) };
  let length = 0;
  const metered = (bytesIn: (piece: Uint8Array) => number): Stage => ({
    piece(piece) {
      length += bytesIn(piece);
      if (length > maxBytes) throw invalid("The provider sent a picture with too many bytes.");
      return piece;
    },
  });
  return {
    contentType,
    width,
    height,
    bytes() {
      const bytes = isText ? pieces.through(decodingBase64()) : pieces;
      return bytes.through(metered(bytesOf)).through(explained);
    },
    base64() {
      if (isText) return pieces.through(checkingBase64()).through(metered(bytesOfText)).through(explained);
      return pieces.through(metered(bytesOf)).through(encodingBase64());
    },
    length: () => Math.floor(length),
    close: () => leave(pieces),
  };
}

/** It is not waited for: it may hang, and adds nothing to what is known. */
const leave = (data: Flow): void => void data.return().catch(() => {});

interface Source {
  /** The pieces are base64. */
  readonly isText: boolean;
  readonly pieces: Flow;
}

function sourceOf({ data }: ImageOut, options: OpenOptions): Source | Promise<Source> {
  // An adapter without types may hand out anything.
  if (data?.as === "bytes") return { isText: false, pieces: opened(data) };
  if (data?.as === "base64") return { isText: true, pieces: opened(data).through(withoutDataPrefix()) };
  if (data?.as !== "url") throw misshapen("The provider handed out a picture in an unknown form.");
  if (!isDataUrl(data.url)) return fetched(data.url, options);
  return { isText: true, pieces: Flow.from(textInPieces(data.url)).through(withoutDataPrefix()) };
}

async function fetched(url: string, { signal, maxBytes, fetcher }: OpenOptions): Promise<Source> {
  const { status, body } = await fetcher.request({ method: "GET", url, signal, maxBytes });
  if (status === 200) return { isText: false, pieces: Flow.from(body) };
  // Leaving at once frees the connection.
  await body[Symbol.asyncIterator]().return?.();
  throw invalid("A picture that the provider made could not be fetched.");
}

function opened(data: Extract<ImageOut["data"], { open: unknown }>): Flow {
  try {
    return Flow.from(data.open())
      .through(OF_BYTES)
      .through({ broken: (error) => foreignFailure(error, "answered") });
  } catch (error) {
    throw foreignFailure(error, "answered");
  }
}

const OF_BYTES: Stage = {
  piece(piece) {
    if (ArrayBuffer.isView(piece)) return piece;
    throw misshapen("The provider handed out a picture that is no stream of bytes.");
  },
};

const bytesOf = ({ byteLength }: Uint8Array): number => byteLength;

const bytesOfText = (text: Uint8Array): number => (text.byteLength * 3) / 4 - paddingOf(text);

const PAD = "=".charCodeAt(0);

const paddingOf = (text: Uint8Array): number => (text.at(-1) !== PAD ? 0 : text.at(-2) !== PAD ? 1 : 2);

function checked(head: ImageHead | undefined): ImageHead {
  if (head === undefined) throw invalid("The provider sent something that is not a picture.");
  if (hasTooManyPixels(head)) throw invalid("The provider sent a picture with too many pixels.");
  return head;
}

function explanation(error: unknown, signal: Stopping): unknown {
  if (error instanceof Base64Error) return invalid("The provider sent broken image data.");
  if (HttpError.is(error) && !signal.aborted) {
    return invalid("A picture that the provider made could not be fetched.", error);
  }
  return error;
}

/** The upstream has done the work: never worth a second, paid call. */
const invalid = (message: string, cause?: unknown): ProviderError =>
  new ProviderError("protocol", message, { started: "yes", cause });

const misshapen = (message: string): ProviderError =>
  new ProviderError("internal", message, { started: "yes" });
