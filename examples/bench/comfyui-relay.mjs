/**
 * How long after ComfyUI's own message a Socket.IO client of the gateway hears of the same step, on one machine.
 *
 *   npm run build && node examples/bench/comfyui-relay.mjs http://127.0.0.1:8188 workflow.json [runs] [steps] [size]
 *
 * Needs a ComfyUI that runs (0.3.64 and 0.33.0 were tried) and a workflow in API format whose steps, size and prompt are found, such
 * as examples/comfyui/workflows/sdxl.json. ComfyUI tells of a run only on the socket that sent it, so a TCP relay stands before
 * it and notes when the first message of a step passes; the rest is the package as a host mounts it.
 *
 * Two figures: the relay alone, and with the gateway's limit of ten progress events a second, which holds back what comes more
 * often. Only the first says what the gateway costs.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import net from "node:net";

import express from "express";
import { createImageRouter } from "express-image-gateway";
import { comfyui } from "express-image-gateway/providers/comfyui";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const [address, workflow, runs = "3", steps = "20", size = "auto"] = process.argv.slice(2);
if (address === undefined || workflow === undefined) {
  console.error("usage: node examples/bench/comfyui-relay.mjs URL WORKFLOW.json [RUNS] [STEPS] [SIZE]");
  process.exit(2);
}

/** Passes bytes between the gateway and ComfyUI, and keeps when each step was first told of. */
async function startRelay() {
  const upstream = new URL(address);
  const passed = new Map();
  const relay = net.createServer((client) => {
    const server = net.connect(Number(upstream.port || 80), upstream.hostname);
    client.setNoDelay().pipe(server.setNoDelay());
    server.on("data", (bytes) => {
      const now = performance.now();
      client.write(bytes);
      // What a server sends over a WebSocket is not masked. Python writes a space after each colon.
      for (const [, value, max] of bytes
        .toString("latin1")
        .matchAll(/"value": (\d+)(?:\.0)?, "max": (\d+)/g)) {
        if (max === steps && !passed.has(Number(value))) passed.set(Number(value), now);
      }
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
  return { relay, passed, url: `http://127.0.0.1:${relay.address().port}` };
}

/** Makes pictures through a gateway, and returns how late its client heard of each step, and how long the steps took. */
async function measure(limits) {
  const { relay, passed, url } = await startRelay();
  const provider = comfyui({ url, workflows: { bench: workflow } });
  const images = createImageRouter({
    authenticate: ({ token }) => (token === "bench" ? { id: "bench" } : null),
    capabilities: () => true,
    providers: [provider],
    limits,
  });
  const http = createServer(express().use("/v1", images.router));
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
  const lengths = [];
  // The first run loads models, and is not counted.
  for (let run = 0; run <= Number(runs); run++) {
    passed.clear();
    heard.clear();
    const answer = await fetch(`${base}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: "Bearer bench", "content-type": "application/json" },
      body: JSON.stringify({ model: "bench", prompt: "a lighthouse", steps: Number(steps), size }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
    if (run === 0) continue;
    for (const [step, at] of heard) if (passed.has(step)) delays.push(at - passed.get(step));
    for (const [step, at] of passed) if (passed.has(step - 1)) lengths.push(at - passed.get(step - 1));
  }

  client.close();
  await images.close();
  await provider.close();
  await sockets.close();
  relay.close();
  return { delays, lengths };
}

function report(what, { delays, lengths }) {
  const at = (numbers, share) => {
    const sorted = numbers.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(2);
  };
  const told = `${delays.length} of ${Number(runs) * Number(steps)} steps told`;
  const late = `p50 ${at(delays, 0.5)} ms, p95 ${at(delays, 0.95)} ms, most ${at(delays, 1)} ms`;
  console.log(`${what}: ${told}, late by ${late}; a step takes ${at(lengths, 0.5)} ms`);
}

report("relay alone", await measure({ progressPerSecond: 1000 }));
report("with ten events a second", await measure({}));
