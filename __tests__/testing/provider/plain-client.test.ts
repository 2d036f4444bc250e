import { HttpError, type HttpRequest } from "../../../lib/ports";
import { plainClient } from "../../../lib/testing/provider/plain-client";
import { answer, type Reply, silence, type Upstream, upstream } from "../../support/upstream";

let server: Upstream;
afterEach(() => server.close());

async function ask(reply: Reply, more: Partial<HttpRequest> = {}) {
  server = await upstream(reply);
  const signal = new AbortController().signal;
  return plainClient.request({ method: "GET", url: server.url, signal, maxBytes: 1_000, ...more });
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of body) text += Buffer.from(piece).toString();
  return text;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (HttpError.is(error) ? [error.failure, error.started] : error),
  );

const anEndlessBody: Reply = (_request, response) => {
  response.writeHead(200).write("beginning");
};

it("sends what it is given, and gives status, headers and body", async () => {
  const body = async function* () {
    yield Buffer.from("in ");
    yield Buffer.from("pieces");
  };
  const {
    status,
    headers,
    body: answered,
  } = await ask(answer(418, "tea", { "x-pot": "short" }), {
    method: "POST",
    headers: { "x-cup": "large" },
    body: body(),
  });
  expect([status, headers["x-pot"], await textOf(answered)]).toEqual([418, "short", "tea"]);
  expect(server.requests[0]).toMatchObject({ method: "POST", body: Buffer.from("in pieces") });
  expect(server.requests[0]?.headers["x-cup"]).toBe("large");
});

it("does not follow a redirect", async () => {
  const { status } = await ask(answer(307, "", { location: "http://elsewhere.invalid/" }));
  expect(status).toBe(307);
});

it("cuts off a body that is larger than allowed", async () => {
  const { body } = await ask(answer(200, "x".repeat(2_000)));
  expect(await failure(textOf(body))).toEqual(["too_large", "maybe"]);
});

it("says that nothing began where nobody listens", async () => {
  server = await upstream(silence);
  const { url } = server;
  await server.close();
  const signal = new AbortController().signal;
  expect(await failure(plainClient.request({ method: "GET", url, signal, maxBytes: 1 }))).toEqual([
    "refused",
    "no",
  ]);
});

it("ends with the signal, before and within the answer", async () => {
  const leaving = new AbortController();
  const pending = failure(ask(silence, { signal: leaving.signal }));
  setImmediate(() => leaving.abort());
  expect(await pending).toEqual(["aborted", "maybe"]);
  await server.close();

  const reading = new AbortController();
  const { body } = await ask(anEndlessBody, { signal: reading.signal });
  const text = failure(textOf(body));
  reading.abort();
  expect(await text).toEqual(["aborted", "maybe"]);
});

it("lets go of the connection when a body is left unread", async () => {
  const { body } = await ask(anEndlessBody);
  await body[Symbol.asyncIterator]().return?.();
  await server.requests[0]?.gone;
});

it("calls a connection that breaks reset", async () => {
  const reply: Reply = (_request, response) => response.socket?.resetAndDestroy();
  expect(await failure(ask(reply))).toEqual(["reset", "maybe"]);
});
