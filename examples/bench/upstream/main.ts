/** The server behind all contestants: sends answers that lie ready in memory, and does nothing else that takes time. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { makeUpload } from "../pictures";
import { ANSWERS, type Model, PAUSE_MS, UPLOAD_BYTES } from "../shapes";
import { eventAnswer, jsonAnswer } from "./answers";

const SAMPLE_EVERY = 16;

const answers = new Map<string, Buffer>(
  (["bench-small", "bench-one", "bench-ten"] satisfies Model[]).map((model) => [model, jsonAnswer(model)]),
);
const small = jsonAnswer("bench-small");
const EVENTS: Model = "bench-events";
const events = eventAnswer(EVENTS);
const upload = makeUpload();
let uploads = 0;

const server = createServer((request, response) => {
  const isEdit = request.url?.endsWith("/images/edits");
  (isEdit ? edit(request, response) : generate(request, response)).catch(() => response.destroy());
});
// A contestant that rests between two series finds its connections still there.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1");

async function generate(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { model } = JSON.parse(Buffer.concat(chunks).toString());
  // Also where a contestant has lost the wish for them on the way: what it makes of events is to be seen.
  if (model === EVENTS) return sendEvents(response);
  const answer = answers.get(model);
  if (answer === undefined)
    return refuse(response, `there is no model but ${Object.keys(ANSWERS).join(", ")}`);
  send(response, answer);
}

async function sendEvents(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [index, event] of events.entries()) {
    if (index > 0) await pause(PAUSE_MS);
    response.write(event);
  }
  response.end();
}

/** Uploads are counted; one in sixteen is searched for the picture that was sent. */
async function edit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isSample = uploads++ % SAMPLE_EVERY === 0;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (isSample) chunks.push(chunk);
  }
  const isWhole = isSample ? Buffer.concat(chunks).includes(upload) : bytes > UPLOAD_BYTES;
  if (isWhole) send(response, small);
  else refuse(response, "the picture did not arrive as it was sent");
}

function send(response: ServerResponse, answer: Buffer): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
  response.end(answer);
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(400, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: null } }),
  );
}
