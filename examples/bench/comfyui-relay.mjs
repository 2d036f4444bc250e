/**
 * How long after ComfyUI's own message a Socket.IO client of the gateway hears of the same step, on one machine.
 *
 *   npm run build && node examples/bench/comfyui-relay.mjs http://127.0.0.1:8188 workflow.json [runs] [steps]
 *
 * A TCP relay between gateway and ComfyUI notes when a step's first message passes; the rest is the package as a host mounts it.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import net from "node:net";

import express from "express";
import { createImageRouter } from "express-image-gateway";
import { comfyui } from "express-image-gateway/providers/comfyui";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const [address, file, runs = "3", steps = "20"] = process.argv.slice(2);
if (address === undefined || file === undefined) {
  console.error("usage: node examples/bench/comfyui-relay.mjs URL WORKFLOW.json [RUNS] [STEPS]");
  process.exit(2);
}
const upstream = new URL(address);

const passed = new Map();
const relay = net.createServer((client) => {
  const server = net.connect(Number(upstream.port || 80), upstream.hostname);
  client.setNoDelay().pipe(server.setNoDelay());
  server.on("data", (bytes) => {
    const now = performance.now();
    // What a server sends over a WebSocket is not masked. Python writes a space after each colon.
    for (const [, value] of bytes.toString("latin1").matchAll(/"value": (\d+)(?:\.0)?, "max": \d+/g)) {
      if (!passed.has(Number(value))) passed.set(Number(value), now);
    }
    client.write(bytes);
  });
  for (const side of [client, server]) {
    side.on("error", () => {});
    side.on("close", () => {
      client.destroy();
      server.destroy();
    });
  }
});
await once(relay.listen(0, "127.0.0.1"), "listening");

const provider = comfyui({
  url: `http://127.0.0.1:${relay.address().port}`,
  workflows: { bench: { workflow: file, card: { extra: ["steps"] } } },
});
const images = createImageRouter({
  authenticate: ({ token }) => (token === "bench" ? { id: "bench" } : null),
  capabilities: () => true,
  providers: [provider],
});
const app = express().use("/v1", images.router);
const http = createServer(app);
const sockets = new Server(http);
images.attach(sockets);
await images.ready();
await once(http.listen(0, "127.0.0.1"), "listening");
const base = `http://127.0.0.1:${http.address().port}`;

const client = io(`${base}/image-progress`, { auth: { token: "bench" }, transports: ["websocket"] });
await new Promise((resolve, reject) => client.once("connect", resolve).once("connect_error", reject));
const heard = new Map();
client.on("progress", ({ step }) => {
  if (step > 0 && !heard.has(step)) heard.set(step, performance.now());
});

const delays = [];
for (let run = 0; run < Number(runs); run++) {
  passed.clear();
  heard.clear();
  const answer = await fetch(`${base}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer bench", "content-type": "application/json" },
    body: JSON.stringify({ model: "bench", prompt: "a lighthouse", steps: Number(steps) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
  for (const [step, at] of heard) if (passed.has(step)) delays.push(at - passed.get(step));
}
delays.sort((a, b) => a - b);
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]?.toFixed(2);
console.log(
  `${delays.length} steps: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${delays.at(-1)?.toFixed(2)} ms`,
);

client.close();
await images.close();
await provider.close();
await sockets.close();
relay.close();
