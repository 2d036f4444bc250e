import { ProviderError } from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import { signalled } from "../support/gate";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { pictures, type ScriptedProvider, scriptedProvider } from "../support/scripted-provider";

let host: TestHost;
let provider: ScriptedProvider;
const start = async (setup: HostSetup = {}) => {
  provider = scriptedProvider((task) => pictures(task.n));
  host = await startHost({ providers: [provider], ...setup });
};
afterEach(() => host.close());

const KEY = { "idempotency-key": "order-17" };
const B64 = { ...PROMPT, response_format: "b64_json" };
const replayed = (answer: Response) => answer.headers.get("idempotent-replayed");

describe("a request with a key", () => {
  it.each([["url"], ["b64_json"]])(
    "is done once, and its answer given again (%s)",
    async (response_format) => {
      await start();
      const body = { ...PROMPT, response_format };
      const first = await generate(host, body, KEY);
      const second = await generate(host, body, { "idempotency-key": '"order-17"' });
      expect([replayed(first), replayed(second)]).toEqual([null, "true"]);
      expect(second.headers.get("x-image-job-id")).toBe(first.headers.get("x-image-job-id"));
      const [one, two] = [await jsonOf(first), await jsonOf(second)];
      if (response_format === "b64_json") expect(two).toEqual(one);
      else expect(two.data).toHaveLength(1);
      expect(provider.calls).toHaveLength(1);
    },
  );

  it("is waited for by all who bear it while it runs", async () => {
    await start();
    const go = signalled();
    provider.script = async (task) => {
      await go.promise;
      return pictures(task.n);
    };
    const all = Array.from({ length: 5 }, () => generate(host, { ...B64, n: 2 }, KEY));
    go.resolve();
    const answers = await Promise.all(all);
    const bodies = await Promise.all(answers.map(jsonOf));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(bodies.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect(provider.calls).toHaveLength(1);
  });

  it("is another request under another key, of another principal, or on another route", async () => {
    await start();
    await generate(host, PROMPT, KEY);
    await generate(host, PROMPT, { "idempotency-key": "order-18" });
    await generate(host, PROMPT, { ...KEY, authorization: "Bearer sk-bob" });
    expect(provider.calls).toHaveLength(3);
  });

  it("is refused for good when it asks for something else", async () => {
    await start();
    await generate(host, PROMPT, KEY);
    const other = await generate(host, { ...PROMPT, prompt: "a blue cube" }, KEY);
    expect([other.status, other.headers.get("x-should-retry")]).toEqual([422, "false"]);
    expect((await jsonOf(other)).error).toMatchObject({ code: "idempotency_key_reused" });
    expect(provider.calls).toHaveLength(1);
  });

  it("streams its pictures again out of the store", async () => {
    await start();
    const body = { ...PROMPT, stream: true };
    const [one, two] = [
      await (await generate(host, body, KEY)).text(),
      await (await generate(host, body, KEY)).text(),
    ];
    const picture = (events: string) => /"b64_json":"([^"]+)"/.exec(events)?.[1];
    expect(picture(two)).toBe(picture(one));
    expect(picture(one)).toMatch(/^iVBOR/);
    expect(provider.calls).toHaveLength(1);
  });

  it("keeps nothing of a refusal: the corrected request is done", async () => {
    await start();
    expect((await generate(host, { ...PROMPT, n: 11 }, KEY)).status).toBe(400);
    expect((await generate(host, PROMPT, KEY)).status).toBe(200);
  });

  it("is done again after a failure that began nothing, and never after one that may have", async () => {
    await start();
    provider.script = () => {
      throw new ProviderError("unavailable", "away", { started: "no" });
    };
    expect((await generate(host, PROMPT, KEY)).status).toBe(503);
    provider.script = () => {
      throw new ProviderError("timeout", "lost", { started: "maybe" });
    };
    expect((await generate(host, PROMPT, KEY)).status).toBe(504);
    const calls = provider.calls.length;
    provider.script = (task) => pictures(task.n);
    const again = await generate(host, PROMPT, KEY);
    expect([again.status, replayed(again)]).toEqual([504, "true"]);
    expect(provider.calls).toHaveLength(calls);
  });

  it("says so when its pictures are no longer kept", async () => {
    const store = memoryStore();
    await start({ options: { store } });
    const { data } = await jsonOf(await generate(host, PROMPT, KEY));
    await store.delete([new URL(data[0].url).pathname.split("/").pop() ?? ""]);
    const again = await generate(host, PROMPT, KEY);
    expect([again.status, (await jsonOf(again)).error.code]).toEqual([410, "result_expired"]);
  });

  it("goes on when its caller leaves, who finds it under the key", async () => {
    await start({ options: { disconnectGraceMs: 0 } });
    const begun = signalled();
    const go = signalled();
    provider.script = async (task) => {
      begun.resolve();
      await go.promise;
      return pictures(task.n);
    };
    const leaving = new AbortController();
    const left = fetch(`${host.url}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann", "content-type": "application/json", ...KEY },
      body: JSON.stringify(B64),
      signal: leaving.signal,
    });
    await begun.promise;
    leaving.abort();
    await expect(left).rejects.toThrow();
    const back = generate(host, B64, KEY);
    go.resolve();
    expect((await back).status).toBe(200);
    expect(provider.calls).toHaveLength(1);
  });
});
