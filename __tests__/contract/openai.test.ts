import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import type { ImageJob } from "express-image-gateway";
import OpenAI from "openai";
import { io as connect, type Socket } from "socket.io-client";

import type { RunningServer } from "../../examples/server/server";
import { startExample } from "../support/example";
import { recordedUpstream } from "../support/recording";
import type { Upstream } from "../support/upstream";

const python = join(__dirname, "../../.cache/venv/bin/python");
const PNG = "89504e470d0a1a0a";

/** The two upstreams behind the example server: the demo provider, and a server of another vendor as it was recorded. */
interface Behind {
  readonly model: string;
  readonly size: string;
  start(): Promise<{ server: RunningServer; upstream?: Upstream }>;
}

const BEHIND: Record<string, Behind> = {
  "the demo provider": {
    model: "dall-e-3",
    size: "64x64",
    start: async () => ({ server: await startExample() }),
  },
  "an OpenAI-compatible upstream": {
    model: "sd-cpp-local",
    size: "128x128",
    start: async () => {
      const upstream = await recordedUpstream();
      const server = await startExample({
        OPENAI_BASE_URL: `${upstream.url}/v1`,
        OPENAI_MODELS: "sd-cpp-local",
      });
      return { server, upstream };
    },
  },
};

describe.each(Object.entries(BEHIND))("with %s behind", (_name, { model, size, start }) => {
  let server: RunningServer;
  let upstream: Upstream | undefined;
  let client: OpenAI;

  beforeAll(async () => {
    ({ server, upstream } = await start());
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "aigw_sk_demo", maxRetries: 0 });
  });
  afterAll(async () => {
    await server.close();
    await upstream?.close();
  });

  it("gives the Node SDK a link that opens", async () => {
    const answer = await client.images.generate({ model, prompt: "a red cube" });
    expect(answer._request_id).toMatch(/^req_/);
    const file = await fetch(String(answer.data?.[0]?.url));
    expect(file.headers.get("content-type")).toBe("image/png");
    expect(
      Buffer.from(await file.arrayBuffer())
        .subarray(0, 8)
        .toString("hex"),
    ).toBe(PNG);
  });

  it("gives the Node SDK three pictures that differ, as base64, with their true size", async () => {
    const answer = await client.images.generate({
      model,
      prompt: "a red cube",
      n: 3,
      size,
      response_format: "b64_json",
    });
    const pictures = answer.data?.map((item) => String(item.b64_json)) ?? [];
    expect(pictures).toHaveLength(3);
    expect(new Set(pictures).size).toBe(3);
    expect(
      Buffer.from(pictures[0] ?? "", "base64")
        .subarray(0, 8)
        .toString("hex"),
    ).toBe(PNG);
    expect(answer.size).toBe(size);
    expect(answer.output_format).toBe("png");
  });

  it("gives the Python SDK the same", async () => {
    const { stdout } = await promisify(execFile)(python, [
      join(__dirname, "openai_client.py"),
      `${server.url}/v1`,
      model,
      size,
    ]);
    const seen = JSON.parse(stdout);
    expect(seen.url).toEqual({
      status: 200,
      type: "image/png",
      head: PNG,
      size: expect.stringMatching(/^\d+x\d+$/),
      output_format: "png",
      request_id: expect.stringMatching(/^req_/),
    });
    expect(seen.b64_json).toEqual({ n: 3, different: 3, head: PNG });
    expect(seen.nulls).toEqual({ n: 1, url: true });
    expect(seen.models).toContain(model);
    const id = expect.stringMatching(/^req_/);
    expect(seen.errors).toEqual({
      size: {
        class: "BadRequestError",
        status: 400,
        code: "invalid_size",
        param: "size",
        type: "invalid_request_error",
        request_id: id,
      },
      model: {
        class: "NotFoundError",
        status: 404,
        code: "model_not_found",
        param: "model",
        type: "invalid_request_error",
        request_id: id,
      },
      key: {
        class: "AuthenticationError",
        status: 401,
        code: "invalid_api_key",
        param: null,
        type: "invalid_request_error",
        request_id: id,
      },
      capability: {
        class: "PermissionDeniedError",
        status: 403,
        code: "missing_capability",
        param: null,
        type: "invalid_request_error",
        request_id: id,
      },
    });
  });
});

/** The first event of that name. */
const heard = (
  socket: Socket,
  name: "connect" | "connect_error",
): Promise<{ data?: { code?: string } } | undefined> =>
  new Promise((resolve) => {
    socket.once(name, resolve);
  });

describe("progress of a plain SDK call", () => {
  let server: RunningServer;
  const sockets: Socket[] = [];
  const socketOf = (token?: string) => {
    const socket = connect(`${server.url}/image-progress`, {
      auth: token === undefined ? {} : { token },
      reconnection: false,
      transports: ["websocket"],
    });
    sockets.push(socket);
    return socket;
  };

  beforeAll(async () => {
    server = await startExample({ DEMO_STEP_MS: "40" });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await server.close();
  });

  it("reaches the caller's own socket with percentages and previews, and nobody else's", async () => {
    const own = socketOf("aigw_sk_demo");
    const other = socketOf("aigw_sk_other");
    await Promise.all([heard(own, "connect"), heard(other, "connect")]);
    const jobs: ImageJob[] = [];
    const previews: { bytes: unknown }[] = [];
    const overheard: unknown[] = [];
    own.on("progress", (job: ImageJob) => jobs.push(job));
    own.on("preview", (_about: unknown, bytes: unknown) => previews.push({ bytes }));
    other.onAny((name: string) => overheard.push(name));

    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "aigw_sk_demo", maxRetries: 0 });
    const ended = new Promise<void>((resolve) => {
      own.on("progress", ({ status }: ImageJob) => {
        if (status === "completed") resolve();
      });
    });
    await client.images.generate(
      { model: "dall-e-3", prompt: "a mountain lake" },
      { headers: { "X-Client-Request-Id": "mine-1" } },
    );
    await ended;

    const percents = jobs.map(({ progress }) => progress);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThanOrEqual(2);
    expect(jobs.at(-1)).toMatchObject({ status: "completed", progress: 100, client_request_id: "mine-1" });
    expect(previews.length).toBeGreaterThanOrEqual(1);
    expect(Buffer.isBuffer(previews[0]?.bytes) && previews[0].bytes.subarray(0, 2).toString("hex")).toBe(
      "ffd8",
    );
    // Whatever was on its way to the other socket stands before this answer.
    await other.emitWithAck("subscribe", { client_request_id: "mine-1" });
    expect(overheard).toEqual([]);
  });

  it("is refused without a key and without the capability", async () => {
    const [nobody, uncapable] = await Promise.all([
      heard(socketOf(), "connect_error"),
      heard(socketOf("aigw_sk_nocap"), "connect_error"),
    ]);
    expect(nobody?.data?.code).toBe("invalid_api_key");
    expect(uncapable?.data?.code).toBe("missing_capability");
  });
});
