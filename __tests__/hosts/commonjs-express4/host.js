"use strict";

/** A CommonJS host on Express 4: bearer tokens of its own, a global JSON parser and compression before the mount. */
const { once } = require("node:events");
const { createServer } = require("node:http");
const compression = require("compression");
const cors = require("cors");
const express = require("express");
const { createImageRouter } = require("express-image-gateway");
const { openai } = require("express-image-gateway/providers/openai");
const jwt = require("jsonwebtoken");
const { Server } = require("socket.io");

const secret = "only for this process";
const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const listenersOf = (emitter) =>
  Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));

async function main() {
  const upstream = createServer((req, res) => {
    req.resume().on("end", () => {
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify({ created: 1, data: [{ b64_json: picture }] }));
    });
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");

  const app = express();
  const server = createServer(app);
  const io = new Server(server);
  const chat = io.of("/chat");
  chat.on("connection", (socket) => socket.on("say", (text, answer) => answer(`heard ${text}`)));
  const footprint = () => ({
    process: listenersOf(process),
    server: listenersOf(server),
    io: listenersOf(io),
    chat: listenersOf(chat),
  });
  const before = footprint();

  const images = createImageRouter({
    authenticate({ token }) {
      try {
        const { sub, exp, grants } = jwt.verify(token, secret, { algorithms: ["HS256"] });
        return { id: sub, grants, expiresAt: new Date(exp * 1000) };
      } catch {
        return null;
      }
    },
    capabilities: { has: (who, capability) => who.grants.includes(capability) },
    providers: [
      openai({
        baseUrl: `http://127.0.0.1:${upstream.address().port}/v1`,
        models: ["host-model"],
        apiKey: "k",
      }),
    ],
  });

  app.use(compression({ threshold: 0 }));
  app.use(cors({ origin: "https://app.example", exposedHeaders: ["x-image-job-id"] }));
  app.use(express.json());
  app.post("/login", ({ body }, res) => {
    const { name, grants } = body;
    res.json({ token: jwt.sign({ grants }, secret, { subject: name, expiresIn: 600 }) });
  });
  app.use("/v1", images.router);
  app.get("/v1/host-route", (_req, res) => res.json({ host: "here" }));
  app.get("/boom", () => {
    throw new Error("of the host");
  });
  app.post("/close-images", async (_req, res) => {
    const attached = footprint();
    await images.close();
    res.json({ before, attached, closed: footprint() });
  });
  app.use((_req, res) => res.status(404).json({ host: "not found" }));
  app.use((error, _req, res, _next) => res.status(418).json({ host: error.message }));

  images.attach(io);
  await images.ready();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  // When nobody holds our input any more it is time to end, and nothing here calls process.exit.
  process.stdin.resume().once("end", async () => {
    await images.close();
    upstream.close();
    await io.close();
  });
  console.log(`http://127.0.0.1:${server.address().port}`);
}

void main();
