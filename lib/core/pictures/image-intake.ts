import { Base64Error, decodeBase64 } from "../../internal/base64";
import { peekImageHead } from "../../internal/image-head";
import type { HttpClient, ImageOut, NewImage, Reservation, StoredImage } from "../../ports";
import { GatewayError, HttpError, ProviderError } from "../../ports";
import { classified } from "../running/foreign-failure";

const MAX_SIDE = 16_384;
const MAX_PIXELS = 64_000_000;

export interface IntakeOptions {
  readonly reservation: Reservation;
  /** For addresses that an upstream hands us: behind the SSRF guard, without credentials. */
  readonly fetcher: HttpClient;
  /** Of one image, decoded. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Brings one picture of a provider into the store, in whatever form it comes, piece by piece. What it is, the bytes say.
 *
 * @throws ProviderError `protocol` when it is no picture, too big or cannot be fetched; GatewayError `storage_unavailable`
 */
export async function takeIn(out: ImageOut, options: IntakeOptions): Promise<StoredImage> {
  try {
    const { head, bytes } = await peekImageHead(capped(await openImage(out, options), options.maxBytes));
    try {
      if (head === undefined) throw invalid("The provider sent something that is not a picture.");
      if (head.width > MAX_SIDE || head.height > MAX_SIDE || head.width * head.height > MAX_PIXELS) {
        throw invalid("The provider sent a picture with too many pixels.");
      }
      return await store({ bytes, ...head, signal: options.signal }, options.reservation);
    } finally {
      // Closes a source that was not read to its end. It is not waited for: it may hang, and adds nothing to what is known.
      bytes.return().catch(() => {});
    }
  } catch (error) {
    if (error instanceof Base64Error) throw invalid("The provider sent broken image data.");
    if (HttpError.is(error) && !options.signal.aborted) {
      throw invalid("A picture that the provider made could not be fetched.", error);
    }
    throw error;
  }
}

async function store(image: NewImage, reservation: Reservation): Promise<StoredImage> {
  try {
    return await reservation.write(image);
  } catch (error) {
    const isOfTheSource = ProviderError.is(error) || HttpError.is(error) || error instanceof Base64Error;
    if (isOfTheSource || image.signal.aborted) throw error;
    // The picture is made and billed: unlike a store that is full beforehand this is no reason to ask again.
    throw new GatewayError("storage_unavailable", "The pictures were made but could not be kept.", {
      retry: false,
      cause: error,
    });
  }
}

async function openImage(
  { data }: ImageOut,
  { signal, maxBytes, fetcher }: IntakeOptions,
): Promise<AsyncIterable<Uint8Array>> {
  // An adapter without types may hand out anything.
  if (data?.as === "bytes") return classified(() => data.open());
  if (data?.as === "base64") return decodeBase64(classified(() => data.open()));
  if (data?.as !== "url") {
    throw new ProviderError("internal", "The provider handed out a picture in an unknown form.", {
      started: "yes",
    });
  }
  if (data.url.startsWith("data:")) return decodeBase64(oneChunk(data.url));
  const { status, body } = await fetcher.request({ method: "GET", url: data.url, signal, maxBytes });
  if (status === 200) return body;
  // Leaving at once frees the connection.
  await body[Symbol.asyncIterator]().return?.();
  throw invalid("A picture that the provider made could not be fetched.");
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, "latin1");
}

async function* capped(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    if (!ArrayBuffer.isView(chunk)) {
      throw new ProviderError("internal", "The provider handed out a picture that is no stream of bytes.", {
        started: "yes",
      });
    }
    bytes += chunk.length;
    if (bytes > maxBytes) throw invalid("The provider sent a picture with too many bytes.");
    yield chunk;
  }
}

/** The upstream has done the work: never worth a second, paid call. */
const invalid = (message: string, cause?: unknown): ProviderError =>
  new ProviderError("protocol", message, { started: "yes", cause });
