import { MIB } from "../../../internal/byte-sizes";
import { withDeadline } from "../../../internal/deadline";
import { parsed } from "../../../internal/json-shape";
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse } from "../../../ports/http-client";

/** Who asks: carries the connections and the reason to stop. */
export interface Caller {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** `undefined` when the body is no JSON. */
  readonly json: unknown;
}

/** One server's HTTP side. Every route is asked for below `/api`, which proxies forward and every version knows. */
export interface Api {
  get(caller: Caller, path: string): Promise<Answer>;
  post(caller: Caller, path: string, body: unknown): Promise<Answer>;
  /** The answer as it comes, without a time limit but the client's own. @throws HttpError, also for what a proxy says */
  open(
    caller: Caller,
    request: Pick<HttpRequest, "method" | "body" | "headers" | "maxBytes"> & { path: string },
  ): Promise<HttpResponse>;
}

/**
 * A proxy answers where the server should: busy, restarting or out of reach, which is the same as no answer. ComfyUI itself knows
 * no other status above 499 than 500.
 */
const isFromProxy = (status: number): boolean => status === 429 || status > 500;

/** A queue holds everybody's graphs. */
const MAX_BYTES = 64 * MIB;

/** @param limitMs of one question; a busy server's interpreter lock delays answers by up to a second */
export function createApi(url: string, headers: Readonly<Record<string, string>>, limitMs: number): Api {
  const open: Api["open"] = async ({ http, signal }, { path, ...request }) => {
    const response = await http.request({
      ...request,
      url: `${url}/api${path}`,
      headers: { ...headers, ...request.headers },
      signal,
    });
    if (!isFromProxy(response.status)) return response;
    await response.body[Symbol.asyncIterator]().return?.();
    throw new HttpError("reset", "maybe", "The way to the server is interrupted.");
  };

  const ask = ({ http, signal }: Caller, request: Parameters<Api["open"]>[1]): Promise<Answer> =>
    withDeadline(limitMs, signal, async (limited) => {
      const { status, body } = await open({ http, signal: limited }, request);
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      return { status, json: parsed(Buffer.concat(pieces).toString()) };
    });

  return {
    open,
    get: (caller, path) => ask(caller, { method: "GET", path, maxBytes: MAX_BYTES }),
    post: (caller, path, body) =>
      ask(caller, {
        method: "POST",
        path,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
        maxBytes: MAX_BYTES,
      }),
  };
}
