"use strict";

/**
 * Run with `node --disable-proto=throw`, against the build: everything that the package and what it stands on does with a request or
 * a socket is done without `Object.prototype.__proto__`. Prints what came of each input as JSON.
 */
const { createServer } = require("node:http");
const { join } = require("node:path");

const dist = join(__dirname, "../../dist/lib");
const { createImageRouter } = require(dist);
const { demo } = require(join(dist, "providers/demo"));
const { openai } = require(join(dist, "providers/openai"));
const { diskStore } = require(join(dist, "stores/disk"));
const express = require("express");
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");

const MODEL = { model: "test-model", prompt: "a red cube", size: "64x64" };
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const surprises = [];
process.on("unhandledRejection", (error) => surprises.push(String(error)));
process.on("uncaughtException", (error) => surprises.push(String(error)));

/** Each with the status it should have. */
const BODIES = [
  [200, JSON.stringify(MODEL)],
  [200, JSON.stringify({ ...MODEL, response_format: "b64_json", n: 2 })],
  [200, '{"model":"upstream-model","prompt":"a","size":"64x64"}'],
  [200, `{"__proto__":{"n":4},"constructor":{"prototype":{"x":1}},${JSON.stringify(MODEL).slice(1)}`],
  [400, '{"__proto__":{"model":"test-model","prompt":"a"}}'],
  [404, '{"model":"__proto__","prompt":"a"}'],
  [404, '{"model":"constructor","prompt":"a"}'],
  [400, '{"model":"test-model","prompt":{"__proto__":1}}'],
  [400, '{"model":"test-model","prompt":"a","size":"__proto__"}'],
  [400, '["__proto__"]'],
  [400, "{"],
  [400, "[".repeat(10_000)],
  [413, " ".repeat(300_000)],
];
const PATHS = [
  [200, "/models"],
  [404, "/models/__proto__"],
  [200, "/images/jobs?__proto__[x]=1&constructor[prototype][x]=1"],
  [400, "/images/jobs?limit[__proto__]=1&limit=x"],
  [404, "/images/jobs/__proto__"],
  [400, "/images/jobs/%zz"],
  [403, "/images/files/__proto__?exp=1&kid=__proto__&type=png&sig=__proto__"],
];
const PAYLOADS = [
  '{"__proto__":{"id":"x"}}',
  '{"id":"__proto__"}',
  '{"client_request_id":"__proto__"}',
  '["__proto__"]',
];

/** An upstream that answers everything with one picture, and with members that no object should take over. */
async function startUpstream() {
  const upstream = createServer((req, res) => {
    req.resume();
    res.setHeader("content-type", "application/json");
    res.end(`{"__proto__":{"data":[]},"created":1,"data":[{"__proto__":{"url":"x"},"b64_json":"${PIXEL}"}]}`);
  });
  await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  return upstream;
}

async function main() {
  const upstream = await startUpstream();
  const images = createImageRouter({
    authenticate: ({ token }) => (token === "sk-ann" ? { id: "__proto__" } : null),
    capabilities: () => true,
    providers: [
      demo({ aliases: ["test-model"], stepMs: 0 }),
      openai({
        apiKey: "sk-up",
        baseUrl: `http://127.0.0.1:${upstream.address().port}/v1`,
        models: ["upstream-model"],
      }),
    ],
    store: diskStore(),
    logger: { debug() {}, info() {}, warn() {}, error: (about) => surprises.push(JSON.stringify(about)) },
  });
  const app = express();
  app.set("query parser", "extended");
  app.use("/v1", images.router);
  const server = createServer(app);
  const io = new Server(server);
  images.attach(io);
  await images.ready();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const headers = { authorization: "Bearer sk-ann", "content-type": "application/json" };
  const outcomes = [];

  const socket = connect(`${url}/image-progress`, { auth: { token: "sk-ann" }, transports: ["websocket"] });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
  const completed = new Promise((resolve) => {
    socket.on("progress", ({ status }) => status === "completed" && resolve(status));
  });
  for (const [expected, body] of BODIES) {
    const { status } = await fetch(`${url}/v1/images/generations`, { method: "POST", headers, body });
    outcomes.push([body.slice(0, 60), expected, status]);
  }
  for (const [expected, path] of PATHS) {
    const { status } = await fetch(`${url}/v1${path}`, { headers });
    outcomes.push([path, expected, status]);
  }
  for (const payload of PAYLOADS) {
    for (const event of ["subscribe", "unsubscribe", "cancel", "__proto__"])
      socket.emit(event, JSON.parse(payload));
    const ack = await socket.timeout(5_000).emitWithAck("subscribe", JSON.parse(payload));
    outcomes.push([payload, true, typeof ack.ok === "boolean"]);
  }
  outcomes.push(["progress", "completed", await completed]);

  socket.disconnect();
  await images.close({ timeoutMs: 0 });
  await io.close();
  upstream.close();
  outcomes.push(["surprises", [], surprises]);
  console.log(JSON.stringify(outcomes));
}

void main();
