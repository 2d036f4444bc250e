import { ReadableStream } from "node:stream/web";
import { KIB } from "../../../internal/byte-sizes";
import { parsed } from "../../../internal/json-shape";
import { HttpError, type HttpRequest, type HttpResponse } from "../../../ports/http-client";
import { refusalIn, refused } from "../refusal";
import { currentTraffic } from "./traffic";

/**
 * `fetch` for the packages of the AI SDK, by way of the gateway's own HTTP client: its limits of time hold, an answer is cut off above
 * what the pictures may have, redirects are not followed, addresses that an answer names must be https, and everything ends with the job.
 * Only for what `aiSdk()` calls.
 *
 * @example
 * const bfl = createBlackForestLabs({ apiKey, fetch: gatewayFetch });
 * aiSdk({ id: "bfl", models: { "flux-pro-1.1": bfl.image("flux-pro-1.1") } });
 * @throws TypeError outside of a run
 */
export const gatewayFetch: typeof fetch = async (input, init) => {
  const traffic = currentTraffic.getStore();
  if (traffic === undefined) {
    throw new TypeError(
      "gatewayFetch() is for calls by aiSdk(): give other uses a vendor object of their own",
    );
  }
  const request = new Request(input, init);
  const body = request.body === null ? {} : { body: new Uint8Array(await request.arrayBuffer()) };
  const response = await traffic.send({
    method: methodOf(request),
    url: request.url,
    headers: Object.fromEntries(request.headers),
    signal: request.signal,
    ...body,
  });
  return asResponse(response);
};

function methodOf({ method }: Request): HttpRequest["method"] {
  if (method === "GET" || method === "POST" || method === "PUT" || method === "DELETE") return method;
  throw new TypeError(`gatewayFetch() has no ${method}`);
}

/** Statuses whose answers have no body, which `Response` insists on. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

async function asResponse({ status, headers, body }: HttpResponse): Promise<Response> {
  if (status < 200 || status > 599)
    throw new HttpError("protocol", "maybe", "the exchange does not follow HTTP");
  if (!BODILESS.has(status)) {
    const isStatusWord = status < 300 && /\bjson\b/i.test(headers["content-type"] ?? "");
    const pieces = isStatusWord ? untilRefused(body) : body;
    return new Response(ReadableStream.from(pieces), { status, headers });
  }
  await body[Symbol.asyncIterator]().return?.();
  return new Response(null, { status, headers });
}

/** An answer longer than this holds a picture. */
const MAX_WORDS = 64 * KIB;

/**
 * Some adapters do not know the words for a refusal and go on asking until their time is up: so the answer that has one of them ends
 * in the refusal.
 *
 * @throws ProviderError `content_policy`
 */
async function* untilRefused(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let words = "";
  for await (const piece of body) {
    if (words.length <= MAX_WORDS) words += Buffer.from(piece).toString("latin1");
    yield piece;
  }
  const refusal = words.length > MAX_WORDS ? undefined : refusalIn(parsed(words));
  if (refusal !== undefined) throw refused(refusal);
}
