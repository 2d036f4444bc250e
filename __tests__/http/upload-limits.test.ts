import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

import { diskStore } from "express-image-gateway/stores/disk";

import { temporaryFolders } from "../stores/folder";
import { EDITS, outcome, sendForm } from "../support/edits";
import { BOUNDARY, field, file, formBody } from "../support/forms";
import { type HostSetup, startHost, type TestHost } from "../support/host";
import { picture, pictures, scriptedProvider } from "../support/scripted-provider";
import { rawClient } from "./raw";

const MEGABYTE = 1024 * 1024;
/** What lies about until it is swept up, whatever the length of an upload. */
const GARBAGE = 48 * MEGABYTE;
const PIECE = Buffer.alloc(256 * 1024, 7);
const newFolder = temporaryFolders();

let host: TestHost;
/** The server's side of the connections. */
const accepted: Socket[] = [];

async function start(options: HostSetup["options"] = {}, script = hashing()): Promise<void> {
  accepted.length = 0;
  host = await startHost({
    providers: [scriptedProvider(script.script, EDITS)],
    options: { store: diskStore({ directory: await newFolder() }), ...options },
    before: (app) =>
      app.use((req, _res, next) => {
        if (!accepted.includes(req.socket)) accepted.push(req.socket);
        next();
      }),
  });
}
afterEach(() => host.close());

/** A provider that keeps nothing of its pictures but their digests. */
function hashing() {
  const digests: string[] = [];
  const script: Parameters<typeof scriptedProvider>[0] = async (task) => {
    for (const image of task.op === "generate" ? [] : task.images) {
      const hash = createHash("sha256");
      for await (const piece of image.open()) hash.update(piece);
      digests.push(hash.digest("hex"));
    }
    return pictures(1);
  };
  return { script, digests };
}

/** Bytes of buffers beyond what there were, at most. */
function watchBuffers() {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  return {
    look: () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    },
    get most() {
      return most;
    },
  };
}

const head = (...headers: readonly string[]): string =>
  [
    "POST /v1/images/edits HTTP/1.1",
    "Host: images.test",
    "Authorization: Bearer sk-ann",
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    ...headers,
    "\r\n",
  ].join("\r\n");

/** A form up to where the bytes of a picture go on. */
const openForm = async (): Promise<Buffer> =>
  formBody([file("image", await picture())]).subarray(0, -BOUNDARY.length - 8);

const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

/** Sends for as long as it is told to, or can. */
async function pump(socket: Socket, times: number, piece: Uint8Array, look: () => void): Promise<void> {
  const closed = once(socket, "close").catch(() => {});
  for (let sent = 0; sent < times && socket.writable && !socket.destroyed; sent += 1) {
    if (!socket.write(piece)) await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    look();
  }
}

it("refuses 200 MB at once where the request says how long it is, and reads little of it away", async () => {
  await start();
  const client = await rawClient(host.url);
  client.socket.write(head(`Content-Length: ${200 * MEGABYTE}`));
  expect(await client.until("request_too_large")).toMatch(/^HTTP\/1\.1 413 /);
  const buffers = watchBuffers();
  await pump(client.socket, 800, PIECE, buffers.look);
  expect(accepted[0]?.bytesRead).toBeLessThan(20 * MEGABYTE);
  expect(buffers.most).toBeLessThan(GARBAGE);
  client.socket.destroy();
});

it("stops in a picture of 200 MB at the limit of one, and holds little of it at any time", async () => {
  await start();
  const client = await rawClient(host.url);
  client.socket.write(head("Transfer-Encoding: chunked"));
  client.socket.write(chunk(await openForm()));
  const buffers = watchBuffers();
  await pump(client.socket, 800, chunk(PIECE), buffers.look);
  expect(client.text()).toMatch(/^HTTP\/1\.1 413 .*"param":"image".*request_too_large/s);
  expect(accepted[0]?.bytesRead).toBeLessThan((50 + 20) * MEGABYTE);
  expect(buffers.most).toBeLessThan(GARBAGE);
  client.socket.destroy();
}, 60_000);

it("stops in a body without end at the limit of all, also where that is packed small", async () => {
  await start({ limits: { uploadBytes: 2 * MEGABYTE } });
  const client = await rawClient(host.url);
  client.socket.write(head("Transfer-Encoding: chunked"));
  client.socket.write(chunk(await openForm()));
  await pump(client.socket, 100, chunk(PIECE), () => {});
  expect(client.text()).toMatch(/^HTTP\/1\.1 413 /);
  client.socket.destroy();

  // In a picture, and in what comes before the first part.
  for (const beginning of [await openForm(), Buffer.alloc(0)]) {
    const packed = gzipSync(Buffer.concat([beginning, Buffer.alloc(50 * MEGABYTE)]));
    expect(packed.length).toBeLessThan(MEGABYTE);
    const answer = await fetch(`${host.url}/v1/images/edits`, {
      method: "POST",
      headers: {
        authorization: "Bearer sk-ann",
        "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
        "content-encoding": "gzip",
      },
      body: new Uint8Array(packed),
    });
    expect(answer.status).toBe(413);
  }
});

it("takes two pictures of 40 MB, which reach the provider whole, and holds little of them at any time", async () => {
  const provider = hashing();
  await start({}, provider);
  const [beginning, end] = [await openForm(), Buffer.from(`\r\n--${BOUNDARY}\r\n`)];
  const rest = formBody([field("model", "test-model"), field("prompt", "x")]);
  const second = beginning.subarray(BOUNDARY.length + 4);
  const length = 2 * 40 * MEGABYTE + beginning.length + second.length + end.length + rest.length + 2;
  const client = await rawClient(host.url);
  const buffers = watchBuffers();
  client.socket.write(head(`Content-Length: ${length}`, "Connection: close"));
  client.socket.write(beginning);
  await pump(client.socket, 160, PIECE, buffers.look);
  client.socket.write(end);
  client.socket.write(second);
  await pump(client.socket, 160, PIECE, buffers.look);
  client.socket.write("\r\n");
  client.socket.write(rest);
  expect(await client.over()).toMatch(/^HTTP\/1\.1 200 /);
  const expected = createHash("sha256").update(await picture());
  for (let times = 0; times < 160; times += 1) expected.update(PIECE);
  const digest = expected.digest("hex");
  expect(provider.digests).toEqual([digest, digest]);
  expect(buffers.most).toBeLessThan(GARBAGE);
  client.socket.destroy();
}, 60_000);

it("lets fetch see the 413 of a form that is too large", async () => {
  await start({ limits: { uploadBytes: MEGABYTE } });
  const parts = [file("image", Buffer.concat([await picture(), Buffer.alloc(8 * MEGABYTE)]))];
  expect(await outcome(sendForm(host, parts))).toBe("413 request_too_large");
});

it("cuts a client that dribbles nothing for as long as limits.uploadIdleMs, and serves the next", async () => {
  await start({ limits: { uploadIdleMs: 40 } });
  const client = await rawClient(host.url);
  client.socket.write(head("Transfer-Encoding: chunked"));
  client.socket.write(chunk(await openForm()));
  expect(await client.until("invalid_request")).toContain("Nothing more of the request body came for 40 ms.");
  client.socket.destroy();
  const parts = [file("image", await picture()), field("model", "test-model"), field("prompt", "x")];
  expect(await outcome(sendForm(host, parts))).toBe("200");
});

it("does not count the time in which it fetches a picture against the one who sends the rest", async () => {
  const image = await picture();
  const gallery = createServer((_req, res) => void setTimeout(() => res.end(image), 150));
  await new Promise<void>((resolve) => gallery.listen(0, "127.0.0.1", resolve));
  const address = gallery.address();
  const name = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  await start({ limits: { uploadIdleMs: 60 }, imageHosts: [name] });
  const answer = await fetch(`${host.url}/v1/images/edits`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
    body: JSON.stringify({
      model: "test-model",
      images: [{ image_url: `http://${name}/` }],
      prompt: "x",
    }),
  });
  expect(answer.status).toBe(200);
  gallery.close();
});
