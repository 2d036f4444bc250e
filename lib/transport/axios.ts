import { type ClientRequest, request as httpRequest, IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";

import type { Agents } from "./agents";

type Library = typeof import("axios");

/** One request as it goes to the library. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string | Readable | undefined;
  readonly agents: Agents;
  /** Shown Node's request before anything of it is sent. */
  readonly onRequest: (request: ClientRequest) => void;
}

const MAX_HEADER_BYTES = 16 * 1024;

let own: InstanceType<Library["Axios"]> | undefined;

/**
 * Its own instance, never the package's default one: what a host sets on that (interceptors, headers, a proxy) must not reach
 * our requests. Loaded with the first request, because it is the slowest import of all and many hosts never need it.
 */
function axios(): InstanceType<Library["Axios"]> {
  if (own !== undefined) return own;
  const library: Library = require("axios");
  own = new library.Axios({});
  return own;
}

/**
 * Sends one request and resolves with Node's own message once its headers are there, whatever the status. The only place
 * that knows axios; nothing that axios throws, which holds keys and prompts, may leave the callers of this function.
 *
 * Limits of time and size are the callers': with a stream axios's `timeout` is an idle limit, and its byte caps wrap the stream.
 */
export async function send(call: Call): Promise<IncomingMessage> {
  const { data }: { data: unknown } = await axios().request({
    adapter: "http",
    method: call.method,
    url: call.url.href,
    // `false` keeps axios from inventing a form content type.
    headers: { "content-type": false, ...call.headers },
    data: call.body,
    responseType: "stream",
    httpAgent: call.agents.http,
    httpsAgent: call.agents.https,
    transport: observed(call),
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    timeout: 0,
    maxContentLength: -1,
    maxBodyLength: -1,
    transformRequest: [],
    transformResponse: [],
    validateStatus: () => true,
  });
  if (data instanceof IncomingMessage) return data;
  throw new TypeError("the answer is no message of Node's");
}

/** Node's own transport, shown to `onRequest`: axios reports neither the connection nor the end of the request. */
function observed({ url, onRequest }: Call) {
  const create = url.protocol === "https:" ? httpsRequest : httpRequest;
  return {
    request(options: RequestOptions, onResponse: (message: IncomingMessage) => void): ClientRequest {
      // Assigned in place: axios gives an object without prototype, which a polluted one cannot reach.
      Object.assign(options, { maxHeaderSize: MAX_HEADER_BYTES, insecureHTTPParser: false });
      const request = create(options, onResponse);
      onRequest(request);
      return request;
    },
  };
}
