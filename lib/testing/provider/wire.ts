import type { HttpClient, HttpRequest, HttpResponse } from "../../ports";
import { HttpError } from "../../ports";

/** One request of a provider's, as the suite saw it. */
export interface Exchange {
  readonly request: HttpRequest;
  /** What has been sent of the body. */
  sent(): string;
  /** The answer has been read, left or given up. */
  isOver(): boolean;
}

/** Decides what becomes of a request; `nth` counts from 0. */
export type Meddle = (
  request: HttpRequest,
  nth: number,
  pass: () => Promise<HttpResponse>,
) => Promise<HttpResponse>;

/** The `ctx.http` of a test: hears every request, and may answer in place of the upstream. */
export interface Wire {
  readonly http: HttpClient;
  readonly exchanges: readonly Exchange[];
  /** At first everything passes. */
  meddle: Meddle;
}

export function openWire(inner: HttpClient): Wire {
  const exchanges: Exchange[] = [];
  const wire: Wire = {
    exchanges,
    meddle: (_request, _nth, pass) => pass(),
    http: {
      async request(asked) {
        let isDone = false;
        const end = () => {
          isDone = true;
        };
        const { request, sent } = overheard(asked);
        const nth = exchanges.length;
        // An abort ends the exchange also where nobody reads on.
        exchanges.push({ request, sent, isOver: () => isDone || request.signal.aborted });
        try {
          const response = await wire.meddle(request, nth, () => inner.request(request));
          return { ...response, body: watched(response.body, end) };
        } catch (error) {
          end();
          throw error;
        }
      },
    },
  };
  return wire;
}

function overheard(request: HttpRequest): { request: HttpRequest; sent: () => string } {
  const { body } = request;
  if (body === undefined) return { request, sent: () => "" };
  if (typeof body === "string") return { request, sent: () => body };
  if (body instanceof Uint8Array) return { request, sent: () => Buffer.from(body).toString("latin1") };
  let sent = "";
  const listening = async function* () {
    for await (const piece of body) {
      sent += Buffer.from(piece).toString("latin1");
      yield piece;
    }
  };
  return { request: { ...request, body: listening() }, sent: () => sent };
}

function watched(body: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncIterable<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const iterator: AsyncIterableIterator<Uint8Array> = {
    async next() {
      try {
        const step = await pieces.next();
        if (step.done) onEnd();
        return step;
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    async return() {
      onEnd();
      await pieces.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** No answer, until the request is aborted. */
export const silence = ({ signal }: Pick<HttpRequest, "signal">): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new HttpError("aborted", "maybe", "the request was aborted"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

/** The beginning of an answer, and then what `then` makes of it. */
export function brokenOff(response: HttpResponse, then: () => Promise<never>): HttpResponse {
  const body = async function* () {
    for await (const piece of response.body) {
      yield piece.subarray(0, Math.floor(piece.length / 2));
      break;
    }
    await then();
  };
  return { ...response, body: body() };
}

/** An answer made up by the suite. */
export function madeUp(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  const pieces = async function* () {
    if (body !== "") yield Buffer.from(body);
  };
  return { status, headers, body: pieces() };
}
