import { Base64Error, type Base64Problem, decodeBase64, isDataUrl } from "../../internal/base64";
import { longText } from "../../internal/long-text";
import type { HttpClient, Logger } from "../../ports";
import { GatewayError, HttpError } from "../../ports";

export interface FetchOptions {
  /** For addresses that a caller hands us: behind the SSRF guard, without credentials. */
  readonly fetcher: HttpClient;
  /** Of one picture. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** The remedy is the operator's, so the log has it. */
const BLOCKED =
  "a caller named a picture at an address that is private or has an unusual port: it was not fetched; name such hosts in 'imageHosts'";

const REFUSALS: Readonly<Record<Base64Problem, string>> = {
  broken: "holds broken base64",
  undeclared: "is a data: URL without ';base64'",
};

/**
 * The bytes of a picture that JSON names by its address: those of a `data:` URL are decoded while it comes, others are fetched.
 *
 * @param param where it stands in the body
 * @throws GatewayError `invalid_value`, `request_too_large`; what the source throws
 */
export async function* referencedImage(
  address: AsyncIterableIterator<Uint8Array>,
  param: string,
  options: FetchOptions,
): AsyncGenerator<Uint8Array> {
  const text = await longText(address);
  if (isDataUrl(text.start)) {
    yield* decoded(text.pieces(), param);
    return;
  }
  const url = await text.short();
  // What is not ASCII has not come as it was: it would lead somewhere else.
  if (url === undefined || !/^https?:[\x21-\x7e]+$/i.test(url) || !URL.canParse(url)) {
    throw refused(param, "is no data: URL with base64 and no http(s) address");
  }
  yield* fetched(url, param, options);
}

async function* decoded(text: AsyncIterable<Uint8Array>, param: string): AsyncGenerator<Uint8Array> {
  try {
    yield* decodeBase64(text);
  } catch (error) {
    throw error instanceof Base64Error ? refused(param, REFUSALS[error.problem], error) : error;
  }
}

/** One refusal for all that can go wrong: what stands behind an address is nobody's business. */
async function* fetched(
  url: string,
  param: string,
  { fetcher, maxBytes, signal, log }: FetchOptions,
): AsyncGenerator<Uint8Array> {
  try {
    const { status, body } = await fetcher.request({ method: "GET", url, signal, maxBytes });
    if (status === 200) return yield* body;
    // Leaving at once frees the connection.
    await body[Symbol.asyncIterator]().return?.();
    throw unreachable(param);
  } catch (error) {
    if (!HttpError.is(error)) throw error;
    signal.throwIfAborted();
    if (error.failure === "blocked") log.warn({}, BLOCKED);
    if (error.failure !== "too_large") throw unreachable(param, error);
    const message = `The picture in '${param}' is larger than ${maxBytes} bytes.`;
    throw new GatewayError("request_too_large", message, { param, cause: error });
  }
}

const unreachable = (param: string, cause?: unknown): GatewayError =>
  refused(param, "leads to no picture that could be fetched", cause);

const refused = (param: string, why: string, cause?: unknown): GatewayError =>
  new GatewayError("invalid_value", `'${param}' ${why}.`, { param, cause });
