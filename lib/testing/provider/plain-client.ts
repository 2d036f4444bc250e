import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { signalOf } from "../../internal/stop";
import { type HttpClient, HttpError, type HttpRequest, type StopSignal } from "../../ports";

/** The least that does what the port says: one connection per request, and no time limits but the caller's signal. */
export const plainClient: HttpClient = {
  async request(request) {
    const message = await answerTo(request);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(message.headers)) {
      if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
    }
    return { status: message.statusCode ?? 0, headers, body: bodyOf(message, request) };
  },
};

function answerTo({ method, url, headers, body, signal: given }: HttpRequest): Promise<IncomingMessage> {
  const signal = signalOf(given);
  return new Promise((resolve, reject) => {
    const send = new URL(url).protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, { method, headers: { ...headers }, agent: false, signal });
    request.once("response", resolve);
    request.on("error", (error) => reject(asHttpError(error, signal)));
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
      request.end(body);
      return;
    }
    // What fails here is heard as an error of the request.
    pipeline(Readable.from(body, { objectMode: false }), request).catch(() => {});
  });
}

/** Not a bare generator: that would keep the connection when it is left before its first piece. */
function bodyOf(message: IncomingMessage, request: HttpRequest): AsyncIterableIterator<Uint8Array> {
  const pieces = counted(message, request);
  return {
    next: () => pieces.next(),
    return: () => {
      message.destroy();
      return pieces.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* counted(
  message: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: HttpRequest,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const piece of message) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) throw new HttpError("too_large", "maybe", "the answer is larger than allowed");
      yield piece;
    }
  } catch (error) {
    throw HttpError.is(error) ? error : asHttpError(error, signal);
  }
}

function asHttpError(error: unknown, signal: StopSignal): HttpError {
  if (signal.aborted) return new HttpError("aborted", "maybe", "the request was aborted");
  // By shape: some runners give tests an Error of their own, which Node's errors are no instances of.
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new HttpError("dns", "no", "the name is not known");
  if (code === "ECONNREFUSED") return new HttpError("refused", "no", "no connection");
  return new HttpError("reset", "maybe", "the connection broke");
}
