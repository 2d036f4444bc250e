import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { type WebSocket, WebSocketServer } from "ws";

import {
  isObject,
  type JsonObject,
  member,
  objectMember,
  textMember,
} from "../../../lib/internal/json-shape";
import { type OtherPicture, type PlayedRun, playedRun } from "./played-run";
import { type RecordedRun, readFixture, readRecording, recordedRuns, viewed } from "./recording";

export interface ReplayOptions {
  /** Which of the recording's runs are played, in order; the last one for ever. @default all */
  readonly runs?: readonly number[];
  /** Which run is played for a graph, instead of the next one. */
  choose?(): RecordedRun | undefined;
  /** What the run of a graph makes, instead of what was recorded. */
  pictures?(prompt: JsonObject): readonly OtherPicture[];
  /** As versions up to 0.3: no routes below `/api/jobs`. */
  readonly isOld?: boolean;
  /** Handshakes are refused. */
  readonly isDeaf?: boolean;
  /** Called before each message of a run; the message waits for it. `false` keeps it back. */
  before?(message: string | Buffer, index: number): Promise<boolean | undefined> | boolean | undefined;
  /** Decides about a request instead of the replay: true when it has answered. */
  meddle?(request: IncomingMessage, response: ServerResponse, body: string): boolean;
}

export interface Replay {
  readonly url: string;
  readonly graph: Readonly<Record<string, unknown>>;
  /** Bodies of `POST /prompt`. */
  readonly posts: Record<string, unknown>[];
  /** `METHOD path` of every request, and bodies of those that have one. */
  readonly requests: { readonly line: string; readonly body: string }[];
  /** Handshakes, by client id. */
  readonly clients: string[];
  /** First messages of the sockets. */
  readonly hellos: string[];
  sockets(): WebSocket[];
  /** Waits for the next handshake. */
  joined(): Promise<void>;
  /** Waits for the next request that matches. */
  seen(line: RegExp): Promise<void>;
  /** As a stranger does it: stops whatever runs. */
  interrupt(): void;
  /** As after a restart: nothing is known of any run. */
  forget(): void;
  close(): Promise<void>;
}

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** Plays a recording of a real server: the answers and messages are those that came, under the ids of now. */
export async function replay(name: string, options: ReplayOptions = {}): Promise<Replay> {
  const lines = readRecording(name);
  const all = recordedRuns(lines);
  const runs = (options.runs ?? all.map((_, index) => index))
    .map((index) => all[index])
    .filter((run) => run !== undefined);
  const files = viewed(lines);
  const objectInfo = readFixture("object-info-0.33.0.json");
  const played = new Map<string, PlayedRun>();
  const others = new Map<string, Buffer>();
  const byClient = new Map<string, WebSocket>();
  const posts: Record<string, unknown>[] = [];
  const requests: Replay["requests"] = [];
  const clients: string[] = [];
  const hellos: string[] = [];
  const watchers = new Set<() => void>();
  const joining = new Set<() => void>();
  let next = 0;
  let isClosed = false;

  const http = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString("latin1");
      requests.push({ line: `${request.method} ${request.url}`, body });
      for (const watcher of watchers) watcher();
      if (options.meddle?.(request, response, body)) return;
      route(request, response, body);
    });
  });
  const upgrades = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    // From here to the end of the handshake nobody else hears that the client has gone.
    socket.on("error", () => {});
    const clientId = new URL(request.url ?? "", "http://x").searchParams.get("clientId") ?? "";
    clients.push(clientId);
    if (options.isDeaf) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (client) => {
      byClient.set(clientId, client);
      const status = { status: { exec_info: { queue_remaining: 0 } }, sid: clientId };
      client.send(JSON.stringify({ type: "status", data: status }));
      client.once("message", (data) => hellos.push(String(data)));
      client.on("error", () => {});
      // As the real server does it: by the id, whichever socket holds it now.
      client.on("close", () => byClient.delete(clientId));
      for (const join of joining) join();
      joining.clear();
    });
  });

  const json = (response: ServerResponse, status: number, value: unknown) => {
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(value));
  };
  const text = (response: ServerResponse, status: number, value = "") => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
    response.end(value);
  };
  function route(request: IncomingMessage, response: ServerResponse, body: string) {
    const url = new URL(request.url ?? "", "http://x");
    const path = url.pathname.replace(/^\/api/, "");
    const [, first = "", second = ""] = path.split("/").map(decodeURIComponent);
    if (path === "/prompt" && request.method === "POST") return post(response, body);
    if (path === "/prompt") return json(response, 200, { exec_info: { queue_remaining: waiting().length } });
    if (first === "jobs") return jobs(request, response, path);
    if (path === "/queue" && request.method === "GET") return json(response, 200, queue());
    // Every run is at work at once, and what runs is not taken out of the queue.
    if (path === "/queue") return text(response, 200);
    if (path === "/interrupt") {
      played.get(textMember(JSON.parse(body), "prompt_id") ?? "")?.cancel();
      return text(response, 200);
    }
    if (first === "history") return history(response, second);
    if (path === "/view") return view(response, url.searchParams.get("filename") ?? "");
    if (path === "/upload/image") {
      const named = /filename="([^"]+)"/.exec(body)?.[1];
      return json(response, 200, {
        name: named,
        subfolder: "",
        type: /\r\n\r\n(temp|input)\r\n/.exec(body)?.[1],
      });
    }
    if (first === "object_info") return json(response, 200, member(objectInfo, second) ?? {});
    text(response, 404);
  }

  function post(response: ServerResponse, body: string) {
    const sent: unknown = JSON.parse(body);
    if (!isObject(sent)) return text(response, 500);
    posts.push(sent);
    const run = options.choose?.() ?? runs[Math.min(next++, runs.length - 1)];
    if (run === undefined) return text(response, 500);
    if (run.text !== undefined) return text(response, run.status, run.text);
    if (run.promptId === undefined) return json(response, run.status, run.answer);
    const id = String(sent["prompt_id"]);
    const pictures = options.pictures?.(objectMember(sent, "prompt"));
    for (const { filename, bytes } of pictures ?? []) others.set(filename, bytes);
    const entry = playedRun(id, run, pictures);
    played.set(id, entry);
    json(response, run.status, JSON.parse(JSON.stringify(run.answer).replaceAll(run.promptId, id)));
    void entry.play(
      (message) => byClient.get(String(sent["client_id"]))?.send(message),
      async (message, index) => {
        const isWanted = (await options.before?.(message, index)) ?? true;
        if (isClosed || !played.has(id)) return "end";
        return isWanted ? "send" : "skip";
      },
    );
  }

  const waiting = () => [...played.values()].filter(({ isOver }) => !isOver);

  function jobs(request: IncomingMessage, response: ServerResponse, path: string) {
    const [, , id = "", action] = path.split("/");
    if (options.isOld)
      return text(response, request.method === "POST" ? 405 : 404, "405: Method Not Allowed");
    if (id === "") return json(response, 200, { jobs: [], pagination: {} });
    const entry = played.get(id);
    if (action === "cancel") return json(response, 200, { cancelled: entry?.cancel() ?? false });
    if (entry === undefined) return json(response, 404, { error: "Job not found" });
    json(response, 200, entry.job());
  }

  function history(response: ServerResponse, id: string) {
    const entry = played.get(id)?.history();
    json(response, 200, entry === undefined ? {} : { [id]: entry });
  }

  function queue(): unknown {
    const running = waiting().map(({ id }, number) => [number, id, {}, {}, []]);
    return { queue_running: running, queue_pending: [] };
  }

  function view(response: ServerResponse, filename: string) {
    const bytes = others.get(filename) ?? files.get(filename) ?? PIXEL;
    response.writeHead(200, { "content-type": "image/png", "content-length": bytes.length });
    response.end(bytes);
  }

  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    graph: runs[0]?.graph ?? {},
    posts,
    requests,
    clients,
    hellos,
    sockets: () => [...byClient.values()],
    joined: () => new Promise((resolve) => joining.add(resolve)),
    seen: (line) =>
      new Promise((resolve) => {
        const from = requests.length;
        const look = () => {
          if (!requests.slice(from).some((each) => line.test(each.line))) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      }),
    interrupt() {
      for (const run of played.values()) run.cancel();
    },
    forget: () => played.clear(),
    async close() {
      isClosed = true;
      for (const client of upgrades.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
