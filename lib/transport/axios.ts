import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import type { Agents } from "./agents";
import { type Answer, type Call, type Driver, MAX_HEADER_BYTES, type Passage } from "./driver";

type Library = typeof import("axios");

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
 * Sends requests with axios over Node's agents. The only place that knows axios; nothing that axios throws, which holds keys and
 * prompts, leaves it.
 *
 * Limits of time and size are the callers': with a stream axios's `timeout` is an idle limit, and its byte caps wrap the stream.
 */
export const axiosDriver =
  (agents: Agents): Driver =>
  (call, passage) => {
    let request: ClientRequest | undefined;
    let message: IncomingMessage | undefined;
    let isDestroyed = false;
    const onRequest = (made: ClientRequest) => {
      request = made;
      watch(made, passage);
      // At once: what breaks right behind the headers is of the body.
      made.once("response", (received) => {
        message = received;
        if (isDestroyed) received.destroy();
        else passage.answered(answerOf(received, made));
      });
      if (isDestroyed) made.destroy();
    };
    // What it rejects with is known already, or is its refusal of unusable input.
    send(call, agents, onRequest).catch(() => passage.unusable());
    return {
      destroy() {
        isDestroyed = true;
        // The message first: destroying only the request would drain an answer that is under way.
        message?.destroy();
        request?.destroy();
      },
    };
  };

async function send(
  { method, url, headers, body }: Call,
  agents: Agents,
  onRequest: (request: ClientRequest) => void,
): Promise<void> {
  await axios().request({
    adapter: "http",
    method,
    url: url.href,
    // `false` keeps axios from inventing a form content type.
    headers: { "content-type": false, ...headers },
    data: body,
    responseType: "stream",
    httpAgent: agents.http,
    httpsAgent: agents.https,
    transport: observed(url, onRequest),
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
}

/** Node's own transport, shown to `onRequest`: axios reports neither the connection nor the end of the request. */
function observed(url: URL, onRequest: (request: ClientRequest) => void) {
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

function watch(request: ClientRequest, passage: Passage): void {
  request.on("error", (error) => passage.broken(error));
  request.once("socket", (socket) => watchSocket(socket, request.reusedSocket, passage));
  request.once("finish", () => passage.sent());
  request.once("close", () => passage.closed());
}

function watchSocket(socket: Socket, isReused: boolean, passage: Passage): void {
  if (isReused) {
    passage.connected();
    return;
  }
  const isEncrypted = socket instanceof TLSSocket;
  socket.once(isEncrypted ? "secureConnect" : "connect", () => passage.connected());
  if (isEncrypted) socket.once("connect", () => passage.handshaking());
}

function answerOf(message: IncomingMessage, request: ClientRequest): Answer {
  const chunks: AsyncIterator<unknown> = message[Symbol.asyncIterator]();
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    async next() {
      const { done, value } = await chunks.next();
      return done !== true && value instanceof Uint8Array ? value : undefined;
    },
    isOver: () => message.readableEnded && request.writableFinished,
  };
}
