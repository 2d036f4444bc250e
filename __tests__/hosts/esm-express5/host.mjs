/** An ES module host on Express 5: sessions of its own, its own registry and provider, mounted before any parser. */
import { once } from "node:events";
import { createServer } from "node:http";
import cors from "cors";
import express from "express";
import { createImageRouter, ProviderError } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import { Server } from "socket.io";

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const users = new Map([
  ["session-ann", { id: "ann", plan: "gold" }],
  ["session-bob", { id: "bob", plan: "free" }],
]);

/** What a session middleware does: `req.user` of a cookie, for HTTP as well as for Socket.IO. */
const sessions = (req, _res, next) => {
  req.user = users.get(/(?:^|; )sid=([^;]+)/.exec(req.headers.cookie ?? "")?.[1]);
  next();
};

const provider = {
  id: "host-made",
  models: () => [card],
  async run(task, { progress, signal }) {
    if (signal.aborted) throw new ProviderError("cancelled", "The call was cancelled.", { started: "no" });
    progress({ phase: "sampling", fraction: 0.5, step: 1, steps: 2 });
    const image = {
      data: {
        as: "bytes",
        async *open() {
          yield picture;
        },
      },
    };
    return { images: Array.from({ length: task.n }, () => image), meta: () => ({}) };
  },
};
const card = { id: "host-model", limits: { sizes: [{ kind: "any" }] }, progress: "steps" };

const registry = {
  candidates: ({ model, principal }) =>
    model === card.id && principal.plan === "gold" ? [{ provider, card }] : [],
  list: ({ principal }) => (principal.plan === "gold" ? [card] : []),
};

const listenersOf = (emitter) =>
  Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));

const app = express();
const server = createServer(app);
const io = new Server(server);
io.engine.use(sessions);
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
  authenticate: ({ request }) => request.user,
  capabilities: () => true,
  providers: registry,
  store: memoryStore(),
  namespace: "/ai-progress",
});

app.use(sessions);
app.use("/api/ai/v1", images.router);
app.use(cors({ origin: "https://app.example", exposedHeaders: ["x-image-job-id"] }));
app.use(express.json());
app.get("/api/ai/v1/host-route", (_req, res) => res.json({ host: "here" }));
app.get("/boom", async () => {
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
  await io.close();
});
console.log(`http://127.0.0.1:${server.address().port}`);
