import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

import sharp from "sharp";

import { dataUrl, editingProvider, outcome, sendForm, sendJson } from "../support/edits";
import { BOUNDARY, field, file, formBody } from "../support/forms";
import { type HostSetup, jsonOf, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, pictures } from "../support/scripted-provider";
import { exchange, rawClient } from "./raw";

let host: TestHost;
let provider: ReturnType<typeof editingProvider>;

async function start(setup: HostSetup = {}, ...scripted: Parameters<typeof editingProvider>): Promise<void> {
  provider = editingProvider(...scripted);
  host = await startHost({ providers: [provider], ...setup });
}
afterEach(() => host.close());

const MODEL = field("model", "test-model");
const PROMPT = field("prompt", "make it blue");

describe("a form", () => {
  it("brings a picture to the provider as it came, and its answer is as of a generation", async () => {
    await start();
    const image = await picture({ width: 40, height: 30, format: "jpeg" });
    const answer = await sendForm(host, [MODEL, PROMPT, file("image", image, "cat.jpg")]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-image-job-id")).toMatch(/^imgjob_/);
    expect(await jsonOf(answer)).toEqual({
      created: expect.any(Number),
      data: [{ url: expect.stringContaining(`${host.url}/v1/images/files/`) }],
      size: "8x8",
      output_format: "png",
    });
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
    expect(provider.calls).toMatchObject([
      {
        op: "edit",
        model: "test-model",
        prompt: "make it blue",
        n: 1,
        images: [{ name: "cat.jpg", type: "image/jpeg", length: image.length }],
      },
    ]);
  });

  it.each([
    ["image", "image[]", "image[]"],
    ["image[]", "image[]", "image[]"],
    ["image", "image", "image"],
  ])("may bring several, as %s, %s and %s, in their order", async (...names) => {
    await start();
    const images = await Promise.all([1, 2, 3].map((seed) => picture({ seed })));
    const parts = names.map((name, at) => file(name, images[at] ?? Buffer.alloc(0)));
    expect(await outcome(sendForm(host, [MODEL, PROMPT, ...parts]))).toBe("200");
    expect(provider.seen).toEqual([{ images, mask: undefined }]);
  });

  it("may bring the mask first and the model last", async () => {
    await start();
    const [image, mask] = [await picture({ seed: 1 }), await picture({ seed: 2 })];
    const parts = [file("mask", mask), file("image", image), PROMPT, MODEL];
    expect(await outcome(sendForm(host, parts))).toBe("200");
    expect(provider.seen).toEqual([{ images: [image], mask }]);
  });

  it("may come in chunks without a length, byte by byte at its edges", async () => {
    await start();
    const image = await picture();
    const body = formBody([file("image", image), MODEL, PROMPT]);
    const chunk = (bytes: Buffer) => [
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from("\r\n"),
    ];
    const middle = Math.floor(body.length / 2);
    const pieces = [
      ...[...body.subarray(0, 80)].map((byte) => Buffer.of(byte)),
      body.subarray(80, middle),
      body.subarray(middle, -80),
      ...[...body.subarray(-80)].map((byte) => Buffer.of(byte)),
    ];
    const head = [
      "POST /v1/images/edits HTTP/1.1",
      "Host: images.test",
      "Authorization: Bearer sk-ann",
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
      "Transfer-Encoding: chunked",
      "Connection: close",
      "\r\n",
    ].join("\r\n");
    expect(await exchange(host.url, head, ...pieces.flatMap(chunk), "0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
  });

  it.each(["png", "jpeg", "webp", "gif", "avif"] as const)(
    "tells a %s by its bytes, whatever it is called",
    async (format) => {
      await start();
      const image = await sharp({ create: { width: 16, height: 16, channels: 3, background: "#c00" } })
        .toFormat(format)
        .toBuffer();
      const part = { ...file("image", image, "upload"), type: "text/plain" };
      expect(await outcome(sendForm(host, [part, MODEL, PROMPT]))).toBe("200");
      expect(provider.calls).toMatchObject([{ images: [{ type: `image/${format}` }] }]);
    },
  );

  it("says numbers and booleans as text, which become what the field is", async () => {
    await start({}, undefined, { extra: ["steps", "tiling", "sampler", "negative_prompt", "seed"] });
    const fields = {
      n: "2",
      size: "16x16",
      output_compression: "50",
      seed: "7",
      steps: "20",
      tiling: "true",
    };
    const more = { sampler: "Euler a", negative_prompt: "42", user: "17" };
    const parts = Object.entries({ ...fields, ...more }).map(([name, text]) => field(name, text));
    expect(await outcome(sendForm(host, [file("image", await picture()), MODEL, PROMPT, ...parts]))).toBe(
      "200",
    );
    expect(provider.calls).toMatchObject([
      {
        n: 2,
        size: { width: 16, height: 16 },
        output: { compression: 50 },
        seed: 7,
        negativePrompt: "42",
        endUser: "17",
        extra: { steps: 20, tiling: true, sampler: "Euler a" },
      },
    ]);
  });

  it("hands input_fidelity on where the card lists it, and says so where it does not", async () => {
    await start({}, undefined, { extra: ["input_fidelity"] });
    const parts = [file("image", await picture()), MODEL, PROMPT, field("input_fidelity", "high")];
    expect(await outcome(sendForm(host, parts))).toBe("200");
    expect(provider.calls).toMatchObject([{ extra: { input_fidelity: "high" } }]);
    await host.close();

    await start();
    const { warnings } = await jsonOf(await sendForm(host, parts));
    expect(warnings).toMatchObject([{ param: "input_fidelity" }]);
    expect(provider.calls[0]?.extra).toEqual({});
  });

  it("is compressed, if its sender likes", async () => {
    await start();
    const body = gzipSync(formBody([file("image", await picture()), MODEL, PROMPT]));
    const answer = await fetch(`${host.url}/v1/images/edits`, {
      method: "POST",
      headers: {
        authorization: "Bearer sk-ann",
        "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
        "content-encoding": "gzip",
      },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
  });
});

describe("a variation", () => {
  it("is made of a picture and no prompt", async () => {
    await start();
    const image = await picture();
    const sent = sendForm(host, [file("image", image), MODEL, field("n", "2")], { path: "variations" });
    expect((await jsonOf(await sent)).data).toHaveLength(2);
    expect(provider.calls).toMatchObject([{ op: "variation", n: 2 }]);
    expect(provider.calls[0]).not.toHaveProperty("prompt");
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
  });

  it("takes no JSON, no mask and no second picture", async () => {
    await start();
    const image = await picture();
    const options = { path: "variations" } as const;
    const body = { model: "test-model", images: [{ image_url: dataUrl(image) }] };
    expect(await outcome(sendJson(host, body, options))).toBe("415 unsupported_media_type");
    const parts = [file("image", image), MODEL];
    expect(await outcome(sendForm(host, [...parts, file("mask", image)], options))).toBe(
      "400 unsupported_parameter mask",
    );
    expect(await outcome(sendForm(host, [...parts, file("image", image)], options))).toBe(
      "400 invalid_value image",
    );
    expect(provider.calls).toEqual([]);
  });
});

describe("JSON", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Serves pictures on loopback, which may be fetched only where the host says so. */
  async function gallery(image: Buffer): Promise<string> {
    const server = createServer((_req, res) => res.end(image)).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const isAddress = (value: typeof address): value is AddressInfo => typeof value === "object";
    return `127.0.0.1:${isAddress(address) ? address.port : ""}`;
  }

  it("names its pictures by data: URLs", async () => {
    await start();
    const [image, mask] = [await picture({ seed: 1 }), await picture({ seed: 2 })];
    const body = {
      images: [{ image_url: dataUrl(image) }],
      mask: { image_url: dataUrl(mask) },
      model: "test-model",
      prompt: "make it blue",
      n: 2,
    };
    expect((await jsonOf(await sendJson(host, body))).data).toHaveLength(2);
    expect(provider.seen).toEqual([{ images: [image], mask }]);
  });

  it("names them by addresses, which are fetched behind the guard", async () => {
    const image = await picture({ seed: 3 });
    const address = await gallery(image);
    const body = {
      model: "test-model",
      prompt: "x",
      images: [{ image_url: `http://${address}/cat.png` }],
    };
    await start();
    expect(await outcome(sendJson(host, body))).toBe("400 invalid_value images.0.image_url");
    await host.close();
    await start({ options: { imageHosts: [address] } });
    expect(await outcome(sendJson(host, body))).toBe("200");
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
  });

  it("coerces nothing", async () => {
    await start();
    const images = [{ image_url: dataUrl(await picture()) }];
    const body = { model: "test-model", prompt: "x", images, n: "2" };
    expect(await outcome(sendJson(host, body))).toBe("400 invalid_type n");
  });

  it("may hold a picture larger than limits.bodyBytes, and little else", async () => {
    await start({ options: { limits: { bodyBytes: 1_024 } } });
    const image = Buffer.concat([await picture(), Buffer.alloc(100_000, 1)]);
    const body = { model: "test-model", prompt: "x", images: [{ image_url: dataUrl(image) }] };
    expect(await outcome(sendJson(host, body))).toBe("200");
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
    expect(await outcome(sendJson(host, { ...body, prompt: "x".repeat(1_024) }))).toBe(
      "413 request_too_large",
    );
  });
});

describe("the answer", () => {
  it("comes in events that are called image_edit, partial pictures included", async () => {
    await start(
      {},
      async (_task, { progress }) => {
        progress({
          phase: "sampling",
          step: 1,
          steps: 2,
          preview: { type: "image/png", bytes: await picture() },
        });
        return pictures(1);
      },
      { previews: true, progress: "steps" },
    );
    const parts = [file("image", await picture()), MODEL, PROMPT];
    const answer = await sendForm(host, [...parts, field("stream", "true"), field("partial_images", "1")]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const names = [...(await answer.text()).matchAll(/^event: (.+)$/gm)].map(([, name]) => name);
    expect(names).toContain("image_edit.partial_image");
    expect(names.at(-1)).toBe("image_edit.completed");
  });

  it("is base64 where that is asked for, and of n pictures where the provider makes one at a time", async () => {
    await start(
      {},
      async (task) => ({ images: [bytesOut(await picture({ seed: task.seed ?? 0 }))], meta: () => ({}) }),
      { limits: { n: 1 } },
    );
    const image = await picture();
    const parts = [file("image", image), MODEL, PROMPT, field("n", "3"), field("seed", "1")];
    const answer = await sendForm(host, [...parts, field("response_format", "b64_json")]);
    expect((await jsonOf(answer)).data).toHaveLength(3);
    expect(provider.seen).toEqual(Array.from({ length: 3 }, () => ({ images: [image], mask: undefined })));
  });
});

describe("who may ask", () => {
  const edits = () => `${host.url}/v1/images/edits`;

  it.each(["GET", "PUT", "DELETE"])("with %s is told that only POST will do", async (method) => {
    await start();
    for (const path of ["edits", "variations"]) {
      const answer = await fetch(`${host.url}/v1/images/${path}`, { method });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });

  it("is settled before a byte of the body is read, with the kind of work for the resolver", async () => {
    const asked: unknown[] = [];
    await start({
      options: {
        capabilities: {
          has: (who, capability, { op, model }) => {
            asked.push([who.id, capability, op, model]);
            return who.capabilities.includes(capability);
          },
        },
      },
    });
    const head = (token: string) =>
      `POST /v1/images/edits HTTP/1.1\r\nHost: a\r\n${token}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n`;
    for (const [token, status] of [
      ["", "401"],
      ["Authorization: Bearer sk-eve\r\n", "403"],
    ] as const) {
      const client = await rawClient(host.url);
      client.socket.write(head(token));
      expect(await client.until("\r\n\r\n")).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      client.socket.destroy();
    }
    await sendForm(host, [file("image", await picture()), MODEL], { path: "variations" });
    expect(asked).toEqual([
      ["eve", "images", "edit", undefined],
      ["ann", "images", "variation", undefined],
      ["ann", "images", "variation", "test-model"],
    ]);
  });

  it("is nobody for a model that does no such thing", async () => {
    await start({}, undefined, { ops: ["generate", "edit"] });
    const parts = [file("image", await picture()), MODEL];
    expect(await outcome(sendForm(host, parts, { path: "variations" }))).toBe("404 model_not_found model");
  });

  it("is no page of another site that leaves the key to a cookie", async () => {
    await start({ options: { authenticate: () => ({ id: "ann", capabilities: ["images"] }) } });
    const parts = [file("image", await picture()), MODEL, PROMPT];
    const from = async (headers: Record<string, string>) => {
      const answer = await fetch(edits(), {
        method: "POST",
        headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
        body: new Uint8Array(formBody(parts)),
      });
      return answer.status;
    };
    expect(await from({ "sec-fetch-site": "cross-site" })).toBe(415);
    expect(await from({ "sec-fetch-site": "same-site" })).toBe(415);
    expect(await from({ "sec-fetch-site": "cross-site", authorization: "Bearer any" })).toBe(200);
    expect(await from({ "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await from({})).toBe(200);
  });
});
