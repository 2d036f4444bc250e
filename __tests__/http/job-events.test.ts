import type { RunContext } from "express-image-gateway";
import { signalled } from "../support/gate";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { picture, pictures, scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
afterEach(async () => {
  jest.useRealTimers();
  await host.close();
});

interface Event {
  readonly id: number;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what came
  readonly data: any;
}

const eventsOf = (text: string): Event[] =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith("id: "))
    .map((block) => {
      const [, id, name, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      return { id: Number(id), name: String(name), data: JSON.parse(String(data)) };
    });

const listen = (id: string, query = "", headers: Record<string, string> = {}) =>
  fetch(`${host.url}/v1/images/jobs/${id}/events${query}`, {
    headers: { authorization: "Bearer sk-ann", ...headers },
  });

/** A job that does what it is told. */
async function started(setup: HostSetup = {}) {
  const begun = signalled<RunContext>();
  const finish = signalled();
  const provider = scriptedProvider(
    async (task, context) => {
      begun.resolve(context);
      await finish.promise;
      return pictures(task.n);
    },
    { progress: "steps", previews: true },
  );
  host = await startHost({ providers: [provider], ...setup });
  const { id } = await jsonOf(await generate(host, PROMPT, { prefer: "respond-async" }));
  return { id: String(id), context: await begun.promise, finish: () => finish.resolve() };
}

it("tells what the job is, each change, and its end, which is the last", async () => {
  const { id, context, finish } = await started();
  const answer = await listen(id);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  context.progress({ phase: "sampling", step: 1, steps: 4 });
  finish();
  const events = eventsOf(await answer.text());
  expect(events[0]).toMatchObject({ name: "progress", data: { id, status: "in_progress", result: null } });
  expect(events.at(-1)?.data).toMatchObject({ status: "completed", progress: 100 });
  const ids = events.map((event) => event.id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(events.map(({ data }) => data.seq)).toEqual(ids);
});

it("shows unfinished pictures to who asks for them only", async () => {
  const { id, context, finish } = await started();
  const [plain, shown] = [await listen(id), await listen(id, "?previews=1")];
  const bytes = await picture();
  context.progress({ phase: "sampling", step: 1, steps: 2, preview: { bytes, type: "image/png" } });
  const reader = shown.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: preview")) text += (await reader?.read())?.value ?? "";
  finish();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) text += next.value;
  const preview = eventsOf(text).find(({ name }) => name === "preview");
  expect(preview?.data).toEqual({
    id,
    seq: preview?.id,
    image_index: 0,
    content_type: "image/png",
    b64_json: bytes.toString("base64"),
  });
  expect(eventsOf(await plain.text()).every(({ name }) => name === "progress")).toBe(true);
});

it("does not repeat itself to who comes back, and has nothing more to say after the end", async () => {
  const { id, finish } = await started();
  finish();
  const events = eventsOf(await (await listen(id)).text());
  const last = events.at(-1)?.id ?? 0;
  const again = eventsOf(await (await listen(id, "", { "last-event-id": String(last - 1) })).text());
  expect(again.map((event) => event.id)).toEqual([last]);
  const over = await listen(id, "", { "last-event-id": String(last) });
  expect([over.status, await over.text()]).toEqual([204, ""]);
});

it("leaves out the snapshot that the client has", async () => {
  const { id, finish } = await started();
  const { data } = {
    data: await jsonOf(
      await fetch(`${host.url}/v1/images/jobs/${id}`, { headers: { authorization: "Bearer sk-ann" } }),
    ),
  };
  expect(data.status).toBe("in_progress");
  const answer = await listen(id, "", { "last-event-id": "2" });
  finish();
  const events = eventsOf(await answer.text());
  expect(events[0]?.id).toBeGreaterThan(2);
});

it("is open to the job's owner only", async () => {
  const { id, finish } = await started();
  const foreign = await listen(id, "", { authorization: "Bearer sk-bob" });
  const unknown = await listen(`imgjob_${"0".repeat(32)}`);
  expect([foreign.status, (await jsonOf(foreign)).error]).toEqual([
    unknown.status,
    (await jsonOf(unknown)).error,
  ]);
  expect(foreign.status).toBe(404);
  finish();
});

it("refuses a wrong 'previews'", async () => {
  const { id, finish } = await started();
  const answer = await listen(id, "?previews=all");
  expect([answer.status, (await jsonOf(answer)).error.param]).toEqual([400, "previews"]);
  finish();
});

it("goes on without its reader", async () => {
  const { id, finish } = await started();
  const leaving = new AbortController();
  const answer = await fetch(`${host.url}/v1/images/jobs/${id}/events`, {
    headers: { authorization: "Bearer sk-ann" },
    signal: leaving.signal,
  });
  leaving.abort();
  await expect(answer.text()).rejects.toThrow();
  finish();
  const events = eventsOf(await (await listen(id)).text());
  expect(events.at(-1)?.data.status).toBe("completed");
});
