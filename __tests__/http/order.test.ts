import { once } from "node:events";

import type { Request } from "express";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";
import { rawClient } from "./raw";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const MEGABYTE = 1024 * 1024;
const codeOf = async (answer: Response): Promise<string> => (await jsonOf(answer)).error.code;

/** Sends chunks until the other side has answered or the upload is done. */
async function keepSending(
  client: Awaited<ReturnType<typeof rawClient>>,
  chunk: string | Uint8Array,
  times: number,
): Promise<void> {
  for (let sent = 0; sent < times && !client.socket.destroyed; sent += 1) {
    if (!client.socket.write(chunk))
      await Promise.race([once(client.socket, "drain"), once(client.socket, "close")]).catch(() => {});
  }
}

it("says 401 with WWW-Authenticate to a request that is wrong in every other way too", async () => {
  await start();
  const answer = await generate(host, "{", { authorization: "", "content-type": "text/plain" });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="images"');
  expect(await codeOf(answer)).toBe("invalid_api_key");
});

it("says 403 to a caller without the capability before it looks at the body", async () => {
  await start();
  const answer = await generate(host, "{", {
    authorization: "Bearer sk-eve",
    "content-type": "text/plain",
  });
  expect(answer.status).toBe(403);
  expect(answer.headers.get("www-authenticate")).toBeNull();
});

it("says 415 before it reads, 413 before it parses, and 400 for JSON before it asks for the model", async () => {
  await start();
  expect((await generate(host, "{".repeat(300_000), { "content-type": "text/plain" })).status).toBe(415);
  expect((await generate(host, "{".repeat(300_000))).status).toBe(413);
  expect(await codeOf(await generate(host, '{"model":"nope"'))).toBe("invalid_json");
});

it("answers 20 MB without a key with 401, and holds none of them", async () => {
  let request: Request | undefined;
  let most = 0;
  await start({
    before: (app) =>
      app.use((req, _res, next) => {
        request = req;
        next();
      }),
  });
  const client = await rawClient(host.url);
  client.socket.write(
    `POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${20 * MEGABYTE}\r\n\r\n`,
  );
  await client.until("invalid_api_key");
  client.socket.on("drain", () => {
    most = Math.max(most, request?.readableLength ?? 0);
  });
  await keepSending(client, Buffer.alloc(64 * 1024, 0x20), 320);
  expect(client.text()).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  expect(most).toBeLessThan(MEGABYTE);
  client.socket.destroy();
});

it.each([
  ["with a length", { body: Buffer.alloc(20 * MEGABYTE, 0x20) }],
  ["chunked", { body: new Blob([Buffer.alloc(20 * MEGABYTE, 0x20)]).stream(), duplex: "half" as const }],
])("lets fetch see the 413 of a 20 MB upload %s", async (_title, upload) => {
  await start();
  const answer = await fetch(`${host.url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
    ...upload,
  });
  expect(answer.status).toBe(413);
  expect(await codeOf(answer)).toBe("request_too_large");
});

it("lets a client that is still sending chunks see its 413", async () => {
  await start();
  const client = await rawClient(host.url);
  client.socket.write(
    "POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-ann\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
  await keepSending(client, chunk, 40);
  const answer = await client.until("request_too_large");
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  client.socket.write("0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-ann\r\n\r\n");
  // The rest was read away, so the connection goes on.
  await client.until(/HTTP\/1\.1 200 OK[\s\S]*test-model/);
  client.socket.destroy();
});

it("cuts a client that goes on sending a refused body beyond 16 MiB", async () => {
  await start();
  const client = await rawClient(host.url);
  client.socket.write(
    "POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const closed = new Promise((resolve) => client.socket.once("close", resolve));
  await keepSending(client, `100000\r\n${" ".repeat(0x100000)}\r\n`, 64);
  await closed;
  expect(client.text()).toContain("invalid_api_key");
});

it("calls no provider and asks no registry for a request it refuses", async () => {
  const provider = scriptedProvider();
  await start({ providers: [provider] });
  await Promise.all([
    generate(host, PROMPT, { authorization: "" }),
    generate(host, PROMPT, { authorization: "Bearer sk-eve" }),
    generate(host, "[]"),
  ]);
  expect(provider.calls).toHaveLength(0);
});

it.each(["Basic sk-ann", "Bearer", "Bearer sk-ann sk-bob", "bearer  wrong", "sk-ann"])(
  "does not take '%s' for a key",
  async (authorization) => {
    await start();
    expect((await generate(host, PROMPT, { authorization })).status).toBe(401);
  },
);

it("refuses principals that have expired and takes those that have not", async () => {
  let expiresAt = new Date(Date.now() - 1);
  await start({ options: { authenticate: () => ({ id: "ann", capabilities: ["images"], expiresAt }) } });
  expect((await generate(host, PROMPT)).status).toBe(401);
  expiresAt = new Date(Date.now() + 60_000);
  expect((await generate(host, PROMPT)).status).toBe(200);
});
