import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

import { doubtAbout } from "./signature";
import { CREDENTIALS, type Storage } from "./storage";

export type Operation =
  | "PutObject"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload"
  | "HeadBucket"
  | "HeadObject"
  | "GetObject"
  | "ListObjectsV2"
  | "DeleteObjects"
  | "DeleteObject";

export interface Exchange {
  readonly operation: Operation;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** What becomes of a request; `ask` lets the storage do it. */
export type Fate = (exchange: Exchange, ask: () => Promise<Answer>) => unknown;

/** Stands before the storage: it checks what Amazon's would check and moto does not, keeps a record, and can be told to fail. */
export interface Front {
  readonly endpoint: string;
  readonly seen: Exchange[];
  /** How often it was asked for that. */
  count(operation: Operation): number;
  /** What becomes of the next requests of that kind, one each; those after them pass. */
  next(operation: Operation, ...fates: Fate[]): void;
  /** Forgets what was seen and what was to come. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startFront(storage: Pick<Storage, "endpoint">): Promise<Front> {
  const seen: Exchange[] = [];
  const planned: { readonly operation: Operation; readonly fate: Fate }[] = [];
  const meet = async (incoming: IncomingMessage, response: ServerResponse) => {
    const exchange = {
      ...factsOf(incoming),
      body: await buffer(incoming),
      response,
      socket: incoming.socket,
    };
    seen.push(exchange);
    const at = planned.findIndex(({ operation }) => operation === exchange.operation);
    const [plan] = at < 0 ? [] : planned.splice(at, 1);
    await (plan?.fate ?? pass)(exchange, () => judgeAndAsk(storage.endpoint, exchange));
  };
  // What breaks is a connection that one of both sides has left.
  const server = createServer((incoming, response) => void meet(incoming, response).catch(() => {}));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    count: (operation) => seen.filter((exchange) => exchange.operation === operation).length,
    next: (operation, ...fates) => planned.push(...fates.map((fate) => ({ operation, fate }))),
    reset() {
      seen.splice(0);
      planned.splice(0);
    },
    async stop() {
      const closed = once(server.close(), "close");
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An error as S3 words it, with what no caller may see in its text. */
export const refuse =
  (status: number, code: string): Fate =>
  (exchange) =>
    send(exchange, refusal(status, code));

export const slowDown = refuse(503, "SlowDown");

export const neverAnswer: Fate = () => {};

export const breakOff: Fate = ({ socket }) => socket.destroy();

/** The storage does what it was asked for, and nobody hears of it. */
export const loseAnswer: Fate = async ({ socket }, ask) => {
  (await ask()).body.resume();
  socket.destroy();
};

/** A byte changes on its way to the storage. */
export const spoilBody: Fate = async (exchange, ask) => {
  exchange.body[0] = (exchange.body[0] ?? 0) ^ 1;
  await pass(exchange, ask);
};

/** So many bytes of the answer's body come, and then the connection breaks, or nothing comes any more. */
export const stopAfter =
  (bytes: number, then: "break" | "hang"): Fate =>
  async ({ response, socket }, ask) => {
    const answer = await ask();
    const body = await buffer(answer.body);
    response.writeHead(answer.status, answer.headers);
    response.write(body.subarray(0, bytes), () => {
      if (then === "break") socket.destroy();
    });
  };

/** As if nobody stood between. */
export const pass: Fate = async (exchange, ask) => send(exchange, await ask());

async function send({ response }: Exchange, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, headers);
  await pipeline(body, response);
}

const refusal = (status: number, code: string): Answer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: Readable.from([
    `<Error><Code>${code}</Code><Message>not with ${CREDENTIALS.accessKeyId}</Message></Error>`,
  ]),
});

async function judgeAndAsk(endpoint: string, exchange: Exchange): Promise<Answer> {
  const { method, url, headers, body } = exchange;
  const doubt = doubtAbout(exchange, body, CREDENTIALS.secretAccessKey) ?? doubtAboutMd5(exchange);
  if (doubt !== undefined) return refusal(doubt === "BadDigest" ? 400 : 403, doubt);
  const asking = request(new URL(url, endpoint), { method, headers, agent: false }).end(body);
  const [answer]: [IncomingMessage] = (await once(asking, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, headers: plain(answer.headers), body: answer };
}

/** Batches of deletions have to have it, for older servers in this form. */
function doubtAboutMd5({ operation, headers, body }: Exchange): string | undefined {
  const given = headers["content-md5"];
  if (given === undefined) return operation === "DeleteObjects" ? "MissingContentMD5" : undefined;
  return given === createHash("md5").update(body).digest("base64") ? undefined : "BadDigest";
}

function factsOf({ method = "", url = "", headers }: IncomingMessage) {
  return {
    operation: operationOf(method, new URL(url, "http://storage")),
    method,
    url,
    headers: plain(headers),
  };
}

const plain = (headers: IncomingMessage["headers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function operationOf(method: string, { pathname, searchParams }: URL): Operation {
  const isOfUpload = searchParams.has("uploadId");
  const isOfBucket = pathname.split("/").filter(Boolean).length === 1;
  switch (method) {
    case "PUT":
      return isOfUpload ? "UploadPart" : "PutObject";
    case "POST":
      if (searchParams.has("delete")) return "DeleteObjects";
      return isOfUpload ? "CompleteMultipartUpload" : "CreateMultipartUpload";
    case "DELETE":
      return isOfUpload ? "AbortMultipartUpload" : "DeleteObject";
    case "HEAD":
      return isOfBucket ? "HeadBucket" : "HeadObject";
    default:
      return isOfBucket ? "ListObjectsV2" : "GetObject";
  }
}
