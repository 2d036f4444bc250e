import type { ModelCard } from "express-image-gateway";
import { signalled } from "../support/gate";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, pictures, scriptedProvider, untilAborted } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const ANN = { authorization: "Bearer sk-ann" };
const BOB = { authorization: "Bearer sk-bob" };
const ASYNC = { prefer: "respond-async" };
const job = (id: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${host.url}/v1/images/jobs/${id}`, { method, headers: { ...ANN, ...headers } });

/** A provider that works until it is let go. */
function held(card: Partial<ModelCard> = {}) {
  const begun = signalled();
  const finish = signalled();
  const provider = scriptedProvider(async (task) => {
    begun.resolve();
    await finish.promise;
    return pictures(task.n);
  }, card);
  return { provider, begun: begun.promise, finish: () => finish.resolve() };
}

describe("a request that prefers respond-async", () => {
  it("is answered with the job at once, and where to find it", async () => {
    const { provider, begun, finish } = held();
    await start({ providers: [provider] });
    const answer = await generate(host, PROMPT, ASYNC);
    const body = await jsonOf(answer);
    expect(answer.status).toBe(202);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      location: `${host.url}/v1/images/jobs/${body.id}`,
      "preference-applied": "respond-async",
      "retry-after": "1",
      "openai-poll-after-ms": "1000",
      "x-image-job-id": body.id,
      "cache-control": expect.stringContaining("no-store"),
    });
    expect(body).toMatchObject({ object: "image.job", status: "in_progress", result: null });
    await begun;

    const waiting = job(body.id, { prefer: "wait=30" });
    finish();
    const ended = await waiting;
    expect(ended.headers.get("preference-applied")).toBe("wait=30");
    expect(ended.headers.has("retry-after")).toBe(false);
    const { status, result } = await jsonOf(ended);
    expect(status).toBe("completed");
    expect((await fetch(result.data[0].url)).status).toBe(200);
  });

  it("is answered with the pictures when they come within the time that it would wait", async () => {
    await start();
    const answer = await generate(host, PROMPT, { prefer: "respond-async, wait=20" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("preference-applied")).toBe("respond-async, wait=20");
    expect((await jsonOf(answer)).data).toHaveLength(1);
  });

  it("is answered with the job when they do not", async () => {
    const { provider, finish } = held();
    await start({ providers: [provider] });
    const answer = await generate(host, PROMPT, { prefer: "respond-async, wait=1" });
    expect(answer.status).toBe(202);
    finish();
  });

  it("is refused where it asks for a stream, too; nothing is begun", async () => {
    const { provider } = held();
    await start({ providers: [provider] });
    const answer = await generate(host, { ...PROMPT, stream: true }, ASYNC);
    expect(answer.status).toBe(400);
    expect((await jsonOf(answer)).error).toMatchObject({ code: "invalid_value", param: "stream" });
    expect(provider.calls).toEqual([]);
  });

  it("keeps its pictures in base64, too, which the job then holds", async () => {
    await start();
    const { id } = await jsonOf(await generate(host, { ...PROMPT, response_format: "b64_json" }, ASYNC));
    const { result } = await jsonOf(await job(id, { prefer: "wait=20" }));
    expect(Buffer.from(result.data[0].b64_json, "base64").subarray(1, 4).toString()).toBe("PNG");
  });

  it("works for edits", async () => {
    const { provider, begun, finish } = held({ ops: ["edit"] });
    await start({ providers: [provider] });
    const form = new FormData();
    form.set("model", PROMPT.model);
    form.set("prompt", PROMPT.prompt);
    form.set("image", new Blob([Uint8Array.from(await picture())], { type: "image/png" }), "a.png");
    const answer = await fetch(`${host.url}/v1/images/edits`, {
      method: "POST",
      headers: { ...ANN, ...ASYNC },
      body: form,
    });
    expect(answer.status).toBe(202);
    const { id } = await jsonOf(answer);
    await begun;
    finish();
    expect((await jsonOf(await job(id, { prefer: "wait=20" }))).status).toBe("completed");
  });

  it("shows each picture of several as soon as it is there", async () => {
    const second = signalled();
    const provider = scriptedProvider(
      async (_task, { signal }) => ({
        images: (async function* () {
          yield bytesOut(await picture());
          await second.promise;
          signal.throwIfAborted();
          yield bytesOut(await picture({ seed: 1 }));
        })(),
        meta: () => ({}),
      }),
      { limits: { n: 2 } },
    );
    await start({ providers: [provider] });
    const { id } = await jsonOf(await generate(host, { ...PROMPT, n: 2 }, ASYNC));
    const socket = host.socket({ token: "sk-ann" });
    const first = await new Promise<{ images: unknown[] }>((resolve) =>
      socket.on("progress", (change) => change.images.length === 1 && resolve(change)),
    );
    expect(first.images).toEqual([
      { index: 0, content_type: "image/png", bytes: expect.any(Number), width: 8, height: 8 },
    ]);
    expect((await jsonOf(await job(id))).images).toHaveLength(1);
    second.resolve();
    expect((await jsonOf(await job(id, { prefer: "wait=20" }))).result.data).toHaveLength(2);
  });

  it("tells those who wait for their turn when it will come, as far as recent jobs tell", async () => {
    const { provider, finish } = held();
    await start({ providers: [provider], options: { limits: { runningPerPrincipal: 1 } } });
    const first = await jsonOf(await generate(host, PROMPT, ASYNC));
    const second = await jsonOf(await generate(host, PROMPT, ASYNC));
    expect([second.queue_position, second.expected_start_at]).toEqual([1, null]);
    finish();
    await jsonOf(await job(second.id, { prefer: "wait=20" }));
    expect(first.queue_position).toBeNull();

    provider.script = untilAborted;
    await generate(host, PROMPT, ASYNC);
    const third = await jsonOf(await generate(host, PROMPT, ASYNC));
    expect(Math.abs(third.expected_start_at - Date.now() / 1000)).toBeLessThan(30);
  });
});

describe("a job that is deleted", () => {
  it("is gone with its pictures", async () => {
    await start();
    const { id } = await jsonOf(await generate(host, PROMPT, ASYNC));
    const { result } = await jsonOf(await job(id, { prefer: "wait=20" }));
    const answer = await job(id, {}, "DELETE");
    expect([answer.status, await jsonOf(answer)]).toEqual([
      200,
      { id, object: "image.job.deleted", deleted: true },
    ]);
    expect((await fetch(result.data[0].url)).status).toBe(404);
    expect([(await job(id)).status, (await job(id, {}, "DELETE")).status]).toEqual([404, 404]);
  });

  it("is stopped first", async () => {
    const stopped = signalled();
    const provider = scriptedProvider((task, context) => {
      context.signal.addEventListener("abort", () => stopped.resolve(), { once: true });
      return untilAborted(task, context);
    });
    await start({ providers: [provider] });
    const { id } = await jsonOf(await generate(host, PROMPT, ASYNC));
    expect((await job(id, {}, "DELETE")).status).toBe(200);
    await stopped.promise;
    expect((await job(id)).status).toBe(404);
  });

  it("is none of another principal's", async () => {
    await start();
    const { id } = await jsonOf(await generate(host, PROMPT, ASYNC));
    expect((await job(id, BOB, "DELETE")).status).toBe(404);
    expect((await job(id)).status).toBe(200);
  });
});

it("names the methods of a job's path to who comes with another", async () => {
  await start();
  const answer = await job("imgjob_0", {}, "PUT");
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, DELETE"]);
});
