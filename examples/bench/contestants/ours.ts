/** The gateway as a host mounts it: callers known and allowed, requests checked, a job recorded for each, progress told. */
import { createServer } from "node:http";

import express from "express";
import { createImageRouter } from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { openai } from "express-image-gateway/providers/openai";
import { Server } from "socket.io";

const [upstream = ""] = process.argv.slice(2);
const accounts = new Map([["bench", { id: "bench", capabilities: new Set(["images"]) }]]);

const images = createImageRouter({
  authenticate: ({ token = "" }) => accounts.get(token),
  capabilities: { has: (who, capability) => who.capabilities.has(capability) },
  providers: [
    openai({
      baseUrl: upstream,
      apiKey: "upstream-key",
      dialect: "generic",
      models: ["bench-small", "bench-one", "bench-ten", "bench-events"].map((id) => ({
        id,
        ops: ["generate", "edit"],
        stream: "native",
      })),
    }),
  ],
  // The bench is one caller with up to 128 requests at a time; by default one may have 4 and all together 64.
  jobs: memoryJobs({ maxRunning: 128 }),
  limits: { runningPerPrincipal: 128 },
});

const server = createServer(express().use("/v1", images.router));
const sockets = new Server(server);
images.attach(sockets);

process.once("SIGTERM", async () => {
  await images.close({ timeoutMs: 1000 });
  process.exit();
});

void images.ready().then(() => server.listen(0, "127.0.0.1"));
