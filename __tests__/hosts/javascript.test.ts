import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ClientToServerEvents, ProgressEvent, ServerToClientEvents } from "express-image-gateway";
import { Manager, type Socket } from "socket.io-client";

import { type RunningHost, runHost } from "./running-host";
import { openWorkshop, type Workshop } from "./throwaway";

jest.setTimeout(60_000);

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop?.remove());

interface Credentials {
  readonly headers: Record<string, string>;
  /** What a socket of the progress namespace hands over. */
  readonly auth: Record<string, string>;
}

interface Shape {
  readonly name: string;
  readonly host: string;
  readonly script: string;
  readonly mount: string;
  readonly namespace: string;
  signIn(url: string, name: string): Promise<Credentials>;
  /** Of the host's own routes. */
  readonly encoding: "gzip" | null;
  /** Who answers a body that is no JSON. */
  readonly brokenJson: { readonly status: number; readonly body: unknown };
  /** What bob hears, whom the host knows but does not allow what ann may. */
  readonly bob: { readonly status: number; readonly code: string };
}

const shapes: readonly Shape[] = [
  {
    name: "a CommonJS host on Express 4, after its body parser",
    host: "commonjs-express4",
    script: "host.js",
    mount: "/v1",
    namespace: "/image-progress",
    async signIn(url, name) {
      const { token } = await jsonOf(
        post(`${url}/login`, { name, grants: name === "ann" ? ["images"] : [] }),
      );
      return { headers: { authorization: `Bearer ${token}` }, auth: { token } };
    },
    encoding: "gzip",
    brokenJson: { status: 418, body: { host: expect.stringContaining("JSON") } },
    bob: { status: 403, code: "missing_capability" },
  },
  {
    name: "an ES module host on Express 5, before its body parser",
    host: "esm-express5",
    script: "host.mjs",
    mount: "/api/ai/v1",
    namespace: "/ai-progress",
    signIn: async (_url, name) => ({ headers: { cookie: `sid=session-${name}` }, auth: {} }),
    encoding: null,
    brokenJson: { status: 400, body: { error: expect.objectContaining({ code: "invalid_json" }) } },
    bob: { status: 404, code: "model_not_found" },
  },
];

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const jsonOf = async (answer: Promise<Response>) => JSON.parse(await (await answer).text());

const answerOf = async (answer: Promise<Response>) => {
  const { status } = await answer;
  return { status, body: await jsonOf(answer) };
};

type ProgressSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** Everything a job sends, to its end. */
function story(socket: ProgressSocket, clientRequestId: string): Promise<readonly ProgressEvent[]> {
  const heard: ProgressEvent[] = [];
  return new Promise((resolve) => {
    socket.on("progress", (event) => {
      if (event.client_request_id !== clientRequestId) return;
      heard.push(event);
      if (event.status === "completed") resolve(heard);
    });
  });
}

describe.each(shapes)("$name", ({ host, script, mount, namespace, signIn, ...expected }) => {
  let running: RunningHost;
  let temporary: string;
  let base: string;
  let ann: Credentials;
  let connection: Manager;
  let chat: Socket;
  let progress: ProgressSocket;

  beforeAll(async () => {
    const project = await workshop.project(host);
    temporary = join(project, "tmp");
    await mkdir(temporary);
    running = await runHost(project, script, temporary);
    base = `${running.url}${mount}`;
    ann = await signIn(running.url, "ann");
    connection = new Manager(running.url, { extraHeaders: ann.headers, transports: ["websocket"] });
    chat = connection.socket("/chat");
    progress = connection.socket(namespace, { auth: ann.auth });
    await Promise.all([heard(chat, "connect"), heard(progress, "connect")]);
  });

  afterAll(() => {
    connection?._close();
    running?.kill();
  });

  const generate = (about: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    post(
      `${base}/images/generations`,
      { model: "host-model", prompt: "a red cube", ...about },
      { ...ann.headers, ...headers },
    );

  it("serves a generation, and its progress beside the host's own namespace on one connection", async () => {
    const events = story(progress, "one");
    const response = await generate({ response_format: "b64_json" }, { "x-client-request-id": "one" });
    expect(response.status).toBe(200);
    // `no-transform`: a host's compression leaves pictures alone.
    expect(response.headers.get("content-encoding")).toBeNull();
    const { data, size } = JSON.parse(await response.text());
    expect(size).toBe("1x1");
    expect(Buffer.from(data[0].b64_json, "base64").subarray(1, 4).toString()).toBe("PNG");

    const told = await events;
    const percents = told.map((event) => event.progress);
    expect(told[0]?.status).not.toBe("completed");
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({ status: "completed", progress: 100, model: "host-model" });
    expect(await chat.emitWithAck("say", "hello")).toBe("heard hello");
  });

  it("gives links that lead back through the mount", async () => {
    const { data } = await jsonOf(generate({ response_format: "url" }));
    expect(data[0].url).toMatch(`${base}/images/files/`);
    const picture = await fetch(data[0].url);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await picture.arrayBuffer()).toString("latin1", 1, 4)).toBe("PNG");
  });

  it("refuses whom the host does not know or does not allow", async () => {
    const { headers } = await signIn(running.url, "bob");
    const { status, code } = expected.bob;
    expect(await answerOf(generate({}, headers))).toMatchObject({ status, body: { error: { code } } });
    expect((await answerOf(post(`${base}/images/generations`, {}))).status).toBe(401);
    const stranger = new Manager(running.url, { transports: ["websocket"] });
    const refused = stranger.socket(namespace);
    const [error] = await heard(refused, "connect_error");
    stranger._close();
    expect(error).toMatchObject({ data: { code: "invalid_api_key" } });
  });

  it("leaves the host its routes, its errors and what nobody serves", async () => {
    const at = (path: string) => answerOf(fetch(`${running.url}${path}`));
    expect(await at(`${mount}/host-route`)).toEqual({ status: 200, body: { host: "here" } });
    const { headers } = await fetch(`${base}/host-route`);
    expect(headers.get("content-encoding")).toBe(expected.encoding);
    expect(await at("/boom")).toEqual({ status: 418, body: { host: "of the host" } });
    expect(await at(`${mount}/nothing`)).toEqual({ status: 404, body: { host: "not found" } });
    expect(await answerOf(post(`${base}/images/generations`, "{", ann.headers))).toEqual(expected.brokenJson);
  });

  it("leaves preflights to the host's cors", async () => {
    const preflight = await fetch(`${base}/images/generations`, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(preflight.headers.get("x-request-id")).toBeNull();
  });

  it("closes alone: the host's routes, sockets and listeners stay", async () => {
    const goodbye = heard(progress, "closing");
    const { before, attached, closed } = await jsonOf(post(`${running.url}/close-images`, {}));
    expect(await goodbye).toEqual([{ reason: "shutdown" }]);
    for (const part of ["server", "io", "chat"]) {
      expect(attached[part]).toEqual(before[part]);
      expect(closed[part]).toEqual(before[part]);
    }
    // Node takes one of its own away meanwhile; nothing may be new.
    expect(before.process).toMatchObject(closed.process);

    expect(await chat.emitWithAck("say", "still there")).toBe("heard still there");
    expect(await answerOf(fetch(`${base}/host-route`))).toEqual({ status: 200, body: { host: "here" } });
    expect(await answerOf(generate())).toMatchObject({ status: 503, body: { error: { code: "closed" } } });
  });

  it("lets the process end by itself, with no file left", async () => {
    const { code, stderr } = await running.end();
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
  });
});

it("works inside the Jest of a CommonJS host, which then ends by itself", async () => {
  const project = await workshop.project("jest");
  const jestOfHost = join(project, "node_modules/jest/bin/jest.js");
  const { stderr } = await promisify(execFile)(process.execPath, [jestOfHost, "--ci", "--runInBand"], {
    cwd: project,
    env: { PATH: process.env["PATH"] },
    timeout: 40_000,
  });
  expect(stderr).toContain("2 passed, 2 total");
  expect(stderr).not.toMatch(/did not exit|open handle/);
});

const heard = (
  socket: { once(event: string, listener: (...args: unknown[]) => void): unknown },
  event: string,
) => new Promise<unknown[]>((resolve) => void socket.once(event, (...args) => resolve(args)));
