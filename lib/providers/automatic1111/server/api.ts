import { MIB } from "../../../internal/byte-sizes";
import { withDeadline } from "../../../internal/deadline";
import { parsed } from "../../../internal/json-shape";
import type { HttpClient, HttpRequest, HttpResponse } from "../../../ports/http-client";

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

/** One server's HTTP side. */
export interface Api {
  /** @throws HttpError, DeadlineError */
  get(caller: Caller, path: string): Promise<Answer>;
  post(caller: Caller, path: string, body: object): Promise<Answer>;
  /** The work itself: the answer as it comes, without a time limit but the client's own. */
  send(
    caller: Caller,
    work: Pick<HttpRequest, "body" | "maxBytes"> & { path: string },
  ): Promise<HttpResponse>;
}

/** A list of a thousand models, or a preview. */
const MAX_BYTES = 16 * MIB;

/**
 * Uvicorn, which these servers run in, drops the connection of a request that failed just after it has answered: kept for the next one, it
 * would break under that, and nobody could tell whether the work has begun.
 */
const NOT_KEPT = { connection: "close" };

const JSON_BODY = { "content-type": "application/json" };

/** @param limitMs of one question */
export function createApi(url: string, given: Readonly<Record<string, string>>, limitMs: number): Api {
  const headers = { ...given, ...NOT_KEPT };
  const ask = (
    { http, signal }: Caller,
    request: Omit<HttpRequest, "signal" | "maxBytes">,
  ): Promise<Answer> =>
    withDeadline(limitMs, signal, async (limited) => {
      const { status, body } = await http.request({ ...request, signal: limited, maxBytes: MAX_BYTES });
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      return { status, json: parsed(Buffer.concat(pieces).toString()) };
    });

  return {
    get: (caller, path) => ask(caller, { method: "GET", url: `${url}${path}`, headers }),
    post: (caller, path, body) =>
      ask(caller, {
        method: "POST",
        url: `${url}${path}`,
        headers: { ...headers, ...JSON_BODY },
        body: JSON.stringify(body),
      }),
    send: ({ http, signal }, { path, ...work }) =>
      http.request({
        ...work,
        method: "POST",
        url: `${url}${path}`,
        headers: { ...headers, ...JSON_BODY },
        signal,
      }),
  };
}
