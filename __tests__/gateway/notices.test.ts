import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createNotifier } from "../../lib/gateway/notices";
import { created, settled } from "../../lib/jobs/changes";
import { cancelled } from "../../lib/jobs/ends";
import { createGuardedClient } from "../../lib/transport/guarded-client";
import { recordingLog } from "../core/bench";
import { newJob } from "../jobs/memory/bench";

let server: Server;

async function tell(answer: RequestListener): Promise<string> {
  server = createServer((req, res) => req.resume().once("end", () => answer(req, res)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const http = createGuardedClient({ allow: [host], posts: true });
  const signer = { headers: () => ({}) };
  const notify = createNotifier({ signer, http, clock: Date.now, log: recordingLog().log });
  const job = newJob();
  const asked = created({ ...job, request: { ...job.request, webhook: `http://${host}/hook` } }, 0);
  try {
    return await notify(settled(asked, cancelled(), 1, 1), AbortSignal.timeout(5_000));
  } finally {
    http.close();
    server.closeAllConnections();
    server.close();
  }
}

it.each<[string, RequestListener]>([
  ["whose body breaks off", (_req, res) => void res.writeHead(200, { "content-length": 10 }).flushHeaders()],
  ["whose body never ends", (_req, res) => void res.writeHead(200).write("o")],
  ["whose body is long", (_req, res) => void res.end(Buffer.alloc(200_000))],
])("an answer %s acknowledges the notice by its status", async (_how, answer) => {
  expect(await tell(answer)).toBe("done");
});

it.each([
  [204, "done"],
  [410, "done"],
  [302, "again"],
  [500, "again"],
])("an answer of %i means: %s", async (status, said) => {
  expect(await tell((_req, res) => void res.writeHead(status).end())).toBe(said);
});
