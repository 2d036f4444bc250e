import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { inspect } from "node:util";

import { ERROR_KINDS, type ImageTask } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";

import { EDITS, picturesOf } from "../support/edits";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider } from "../support/scripted-provider";

/** What must never come back or be written down. */
export const SECRETS = { prompt: "canary-prompt", key: "sk-canary", ann: "sk-ann", bob: "sk-bob" } as const;

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Who wrote it: Node before any code of ours, the host's routes, or the router. */
  readonly by: "node" | "host" | "router";
}

export interface Target {
  readonly host: TestHost;
  /** What the providers were asked for, in order. */
  readonly calls: readonly ImageTask[];
  send(sent: Sent): Promise<Answer>;
  /** The server still serves, and has written down neither a secret nor an error. */
  expectUnharmed(): Promise<void>;
  close(): Promise<void>;
}

const REACHED = "x-reached-the-app";
const HOSTS = "x-answered-by-the-host";

export interface TargetSetup extends Pick<HostSetup, "before" | "options"> {
  /** Default: as many pictures as were asked for. */
  readonly script?: Script;
}

/** A host whose every answer tells who wrote it, with one model that takes anything and one that takes little. */
export async function startTarget(setup: TargetSetup = {}): Promise<Target> {
  const images = await Promise.all(Array.from({ length: 10 }, (_, seed) => picture({ seed })));
  const calls: ImageTask[] = [];
  const made: Script = ({ n }) => ({
    images: images.slice(0, n).map((bytes) => bytesOut(bytes)),
    meta: () => ({}),
  });
  const script: Script = async (task, context) => {
    calls.push(task);
    await picturesOf(task);
    return (setup.script ?? made)(task, context);
  };
  const providers = [
    scriptedProvider(script, EDITS),
    scriptedProvider(script, { ...EDITS, id: "open-model", extra: "pass" }, "open"),
    scriptedProvider(
      script,
      {
        ...EDITS,
        id: "narrow-model",
        extra: ["seed"],
        limits: {
          n: 3,
          promptChars: 100,
          qualities: ["hd"],
          styles: [],
          sizes: [{ kind: "any" }],
          inputImages: 2,
        },
        params: { mask: false },
      },
      "narrow",
    ),
  ];
  const host = await startHost({
    providers,
    before: (app) => {
      app.use((_req, res, next) => {
        res.set(REACHED, "yes");
        next();
      });
      setup.before?.(app);
    },
    after: (app) => void app.use((_req, res) => void res.set(HOSTS, "yes").status(404).end()),
    // As much as the embedded store on disk holds: what is asked for here fits.
    options: { store: memoryStore({ maxBytes: 1024 ** 3 }), ...setup.options },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(host.url);

  const send = ({ method, path, headers, body }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, setHost: !("host" in headers) });
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          text += chunk;
        });
        incoming.on("error", reject);
        incoming.on("end", () => {
          const { statusCode = 0, headers: given } = incoming;
          const by = given[REACHED] === undefined ? "node" : given[HOSTS] === undefined ? "router" : "host";
          resolve({ status: statusCode, headers: given, body: text, by });
        });
      });
      outgoing.end(body);
    });

  return {
    host,
    calls,
    send,
    async expectUnharmed() {
      const answer = await generate(host, PROMPT);
      expect(answer.status).toBe(200);
      expect((await jsonOf(answer)).data).toHaveLength(1);
      expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
      expectNoSecret(inspect(host.log, { depth: Number.POSITIVE_INFINITY, maxStringLength: null }));
    },
    async close() {
      agent.destroy();
      await host.close();
    },
  };
}

export function expectNoSecret(text: string): void {
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
}

/** Sends a body and checks that the providers were asked for exactly the pictures that came back, and for none by an error. */
export async function exchangePictures(target: Target, sent: Sent): Promise<Answer> {
  const before = target.calls.length;
  const answer = await target.send(sent);
  expectSound(answer, sent);
  const calls = target.calls.slice(before);
  const asked = calls.reduce((sum, { n }) => sum + n, 0);
  expect(asked).toBe(answer.status === 200 ? picturesIn(answer) : 0);
  return answer;
}

function picturesIn({ headers, body }: Answer): number {
  if (!headers["content-type"]?.startsWith("text/event-stream")) return JSON.parse(body).data.length;
  return body.match(/^event: image_(generation|edit)\.completed$/gm)?.length ?? 0;
}

/** What holds of every answer, whatever was sent. */
export function expectSound(answer: Answer, { method }: Pick<Sent, "method">): void {
  expect(answer.status).toBeLessThan(500);
  expectNoSecret(inspect(answer.headers));
  if (answer.by !== "router") return;
  expect(answer.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
  if (answer.status < 400 || method === "HEAD") return;
  expectEnvelope(answer);
}

function expectEnvelope({ status, headers, body }: Answer): void {
  expectNoSecret(body);
  // What a caller sent comes back cut to size.
  expect(body.length).toBeLessThan(2_000);
  const { error, ...more } = JSON.parse(body);
  expect(more).toEqual({});
  expect({ ...error, param: error.param ?? "" }).toEqual({
    message: expect.stringMatching(/\S/),
    type: expect.stringMatching(/^\w+$/),
    param: expect.any(String),
    code: expect.any(String),
  });
  const kinds: Readonly<Record<string, { readonly status: number }>> = ERROR_KINDS;
  expect([error.code, kinds[error.code]?.status]).toEqual([error.code, status]);
  expect(headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-should-retry": expect.stringMatching(/^(true|false)$/),
  });
}
