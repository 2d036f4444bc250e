import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";

import { type ImageOut, ProviderError } from "express-image-gateway";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host?.close());

const BASE64 = { ...PROMPT, response_format: "b64_json" };
const jobOf = async (answer: Response) =>
  jsonOf(
    await fetch(`${host.url}/v1/images/jobs/${answer.headers.get("x-image-job-id")}`, {
      headers: { authorization: "Bearer sk-ann" },
    }),
  );

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A picture whose data comes in pieces, each when it is let. */
const inPieces = (pieces: readonly (Uint8Array | Promise<void> | Error)[]): ImageOut => ({
  data: {
    as: "bytes",
    async *open() {
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece;
        if (piece instanceof Uint8Array) yield piece;
        else await piece;
      }
    },
  },
});

const giving =
  (...images: readonly ImageOut[]): Script =>
  () => ({ images, meta: () => ({}) });

it("begins to answer while the picture still comes", async () => {
  const png = await picture();
  const rest = gate();
  const filler = randomBytes(100_000);
  await start({ providers: [scriptedProvider(giving(inPieces([png, filler, rest.opened, filler])))] });
  const answer = await generate(host, BASE64);
  expect(answer.status).toBe(200);
  rest.open();
  const { data } = await jsonOf(answer);
  expect(Buffer.from(data[0].b64_json, "base64").equals(Buffer.concat([png, filler, filler]))).toBe(true);
});

it("says 502 while nothing large has come, in the words of the job", async () => {
  const png = await picture();
  await start({
    providers: [
      scriptedProvider(
        giving(inPieces([png, new ProviderError("protocol", "It broke.", { started: "yes" })])),
      ),
    ],
  });
  const answer = await generate(host, BASE64);
  expect(answer.status).toBe(502);
  expect((await jsonOf(answer)).error).toMatchObject({
    code: "upstream_invalid_response",
    message: "It broke.",
  });
  expect(await jobOf(answer)).toMatchObject({ status: "failed", error: { message: "It broke." } });
});

it("cuts the connection when a picture breaks off later, and the job tells why", async () => {
  const png = await picture();
  const broken = new ProviderError("timeout", "It fell silent.", { started: "yes" });
  await start({
    providers: [scriptedProvider(giving(inPieces([png, randomBytes(200_000), broken])))],
  });
  const answer = await generate(host, BASE64);
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
  expect(await jobOf(answer)).toMatchObject({ status: "failed", error: { code: "upstream_timeout" } });
  expect(host.log.filter(({ message }) => message === "unexpected error")).toEqual([]);
});

it("gives the pictures of calls side by side in their order, whichever is first", async () => {
  const images = await Promise.all([0, 1, 2, 3].map((seed) => picture({ seed })));
  const gates = images.map(() => gate());
  let calls = 0;
  const script: Script = async () => {
    const at = calls++;
    await gates[at]?.opened;
    // The one before it may go when this one has been taken in.
    const meta = () => {
      gates[at - 1]?.open();
      return {};
    };
    return { images: [bytesOut(images[at] ?? Buffer.alloc(0))], meta };
  };
  await start({ providers: [scriptedProvider(script, { limits: { n: 1, concurrent: 4 } })] });
  const answering = generate(host, { ...BASE64, n: 4 });
  gates[3]?.open();
  const { data } = await jsonOf(await answering);
  expect(data).toEqual(images.map((bytes) => ({ b64_json: bytes.toString("base64") })));
});

it("answers with those that came when a call fails, and says so", async () => {
  const bytes = await picture();
  let calls = 0;
  const script: Script = () => {
    if (calls++ === 0) throw new ProviderError("unavailable", "It failed.", { started: "maybe" });
    return { images: [bytesOut(bytes)], meta: () => ({}) };
  };
  await start({ providers: [scriptedProvider(script, { limits: { n: 1, concurrent: 1 } })] });
  const answer = await generate(host, { ...BASE64, n: 3 });
  const { data, warnings } = await jsonOf(answer);
  expect(data).toHaveLength(2);
  expect(warnings).toEqual([
    { param: "n", message: "2 of 3 images were made; the provider failed for the others." },
  ]);
});

it("keeps nothing of a picture that was handed over, unless results are to be kept", async () => {
  await start();
  expect(await jobOf(await generate(host, BASE64))).toMatchObject({
    status: "completed",
    result: null,
    error: { code: "result_expired" },
  });
  await host.close();
  await start({ options: { keepResults: true } });
  const answer = await generate(host, BASE64);
  const { data } = await jsonOf(answer);
  expect((await jobOf(answer)).result.data).toEqual(data);
});

it("has read no more of the picture than a client that stops reading has taken", async () => {
  const png = await picture();
  const chunk = randomBytes(256 * 1024);
  let given = 0;
  const out: ImageOut = {
    data: {
      as: "bytes",
      async *open() {
        yield png;
        for (; given < 100; given += 1) yield chunk;
      },
    },
  };
  await start({ providers: [scriptedProvider(giving(out))] });
  const { response, close } = await unread(host.url);
  // Until the source has stood still for a while of the event loop: nothing else says that all buffers are full.
  let before = -1;
  while (given !== before) {
    before = given;
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThan(60);
  let bytes = 0;
  for await (const piece of response) bytes += piece.length;
  expect(given).toBe(100);
  expect(bytes).toBeGreaterThan((100 * chunk.length * 4) / 3);
  close();
});

/** An answer whose body nobody reads yet. */
function unread(url: string): Promise<{ response: AsyncIterable<Buffer>; close(): void }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
    });
    request.on("error", reject);
    request.on("response", (response) => resolve({ response, close: () => request.destroy() }));
    request.end(JSON.stringify(BASE64));
  });
}

it("cancels the job of a client that leaves in the middle of a picture", async () => {
  const png = await picture();
  const never = new Promise<void>(() => {});
  await start({ providers: [scriptedProvider(giving(inPieces([png, randomBytes(200_000), never])))] });
  const ended = new Promise<string>((resolve) => {
    const socket = host.socket({ token: "sk-ann" });
    socket.on("progress", (job) => {
      if (job.completed_at !== null) resolve(job.status);
    });
  });
  const { response, close } = await unread(host.url);
  for await (const _ of response) break;
  close();
  expect(await ended).toBe("cancelled");
});
