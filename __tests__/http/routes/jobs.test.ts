import { memoryStore } from "express-image-gateway/stores/memory";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../../support/host";
import { bytesOut, picture, scriptedProvider, untilAborted } from "../../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const ask = (path: string, { key = "sk-ann", method = "GET" } = {}) =>
  fetch(`${host.url}/v1/images/jobs${path}`, { method, headers: { authorization: `Bearer ${key}` } });
const cancel = (id: string, key = "sk-ann") => ask(`/${id}/cancel`, { key, method: "POST" });
const made = async (more: object = {}, key = "sk-ann"): Promise<string> => {
  const answer = await generate(host, { ...PROMPT, ...more }, { authorization: `Bearer ${key}` });
  await answer.arrayBuffer();
  return answer.headers.get("x-image-job-id") ?? "";
};
const UNKNOWN = `imgjob_${"0".repeat(32)}`;

/** A host whose provider works until it is told to stop, one job at a time; and a waiting request at work there. */
async function busy() {
  let isBusy: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    isBusy = resolve;
  });
  await start({
    providers: [
      scriptedProvider((task, context) => {
        isBusy();
        return untilAborted(task, context);
      }),
    ],
    options: { limits: { runningPerPrincipal: 1 } },
  });
  const running = generate(host, PROMPT);
  await begun;
  return { running };
}
const only = async (status: string): Promise<string> =>
  (await jsonOf(await ask(""))).data.find((job: { status: string }) => job.status === status)?.id;

describe("the list", () => {
  it("pages through the caller's jobs, newest first, and knows when there are more", async () => {
    await start();
    const ids = [await made(), await made(), await made()];
    const page = async (query: string) => {
      const { object, data, first_id, last_id, has_more } = await jsonOf(await ask(query));
      const found = data.map(({ id }: { id: string }) => id);
      expect(object).toBe("list");
      expect([first_id, last_id]).toEqual([found[0] ?? null, found.at(-1) ?? null]);
      return { found, more: has_more };
    };
    expect(await page("")).toEqual({ found: ids.toReversed(), more: false });
    expect(await page("?limit=2")).toEqual({ found: [ids[2], ids[1]], more: true });
    expect(await page(`?limit=2&after=${ids[1]}`)).toEqual({ found: [ids[0]], more: false });
    expect(await page("?order=asc&limit=1")).toEqual({ found: [ids[0]], more: true });
    expect(await page(`?order=asc&after=${ids[0]}`)).toEqual({ found: [ids[1], ids[2]], more: false });
    expect(await page("?limit=&after=&order=")).toEqual({ found: ids.toReversed(), more: false });
    expect(await page(`?after=${ids[0]}`)).toEqual({ found: [], more: false });
  });

  it("holds no results, and nothing of others", async () => {
    await start();
    await made({ response_format: "b64_json" });
    const foreign = await made({}, "sk-bob");
    const { data } = await jsonOf(await ask(""));
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ object: "image.job", status: "completed", progress: 100, result: null });
    const [byForeign, byUnknown] = [await ask(`?after=${foreign}`), await ask(`?after=${UNKNOWN}`)];
    expect(await byForeign.text()).toBe(await byUnknown.text());
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=1e1", "limit"],
    ["limit=abc", "limit"],
    ["limit=1&limit=2", "limit"],
    ["limit[]=1", "limit"],
    ["limit[a]=1", "limit"],
    ["order=up", "order"],
    ["order=asc&order=desc", "order"],
    ["after=a&after=b", "after"],
  ])("refuses ?%s", async (query, param) => {
    await start({ before: (app) => void app.set("query parser", "extended") });
    const answer = await ask(`?${query}`);
    expect(answer.status).toBe(400);
    expect((await jsonOf(answer)).error).toMatchObject({ code: "invalid_value", param });
  });
});

describe("one job", () => {
  it("shows unknown, foreign and malformed ids the same 404", async () => {
    await start();
    const foreign = await made({}, "sk-bob");
    const answers = await Promise.all(
      [UNKNOWN, foreign, foreign.toUpperCase(), "x", "__proto__", `${foreign}0`].flatMap((id) => [
        ask(`/${id}`),
        cancel(id),
      ]),
    );
    const seen = await Promise.all(answers.map(async (each) => `${each.status} ${await each.text()}`));
    expect(new Set(seen)).toEqual(
      new Set([
        '404 {"error":{"message":"There is no such job.","type":"invalid_request_error","param":null,"code":"job_not_found"}}',
      ]),
    );
  });

  it("gives its answer with links that are new each time it is read", async () => {
    await start({ options: { links: { ttlSeconds: 600 } } });
    const before = Date.now();
    const id = await made({ n: 2, response_format: "url" });
    const now = jest.spyOn(Date, "now");
    const read = async (at: number) => {
      now.mockReturnValue(at);
      return jsonOf(await ask(`/${id}`));
    };
    const first = await read(before + 10_000);
    const second = await read(before + 70_000);
    now.mockRestore();
    expect(first).toMatchObject({
      id,
      status: "completed",
      result: { data: [{}, {}], size: "8x8" },
      error: null,
    });
    const end = (job: typeof first) => Number(new URL(job.result.data[0].url).searchParams.get("exp"));
    expect(end(second) - end(first)).toBe(60);
    expect((await fetch(second.result.data[1].url)).status).toBe(200);
  });

  it("was handed over and not kept when it was answered in base64", async () => {
    await start();
    const id = await made({ response_format: "b64_json" });
    expect(await jsonOf(await ask(`/${id}`))).toMatchObject({
      status: "completed",
      images: [{ index: 0, content_type: "image/png", width: 8, height: 8 }],
      result: null,
      error: { code: "result_expired" },
    });
  });

  it("gives its answer as base64 when that was asked for and results are kept", async () => {
    const bytes = await picture();
    const provider = scriptedProvider(() => ({ images: [bytesOut(bytes)], meta: () => ({}) }));
    await start({ providers: [provider], options: { keepResults: true } });
    const id = await made({ response_format: "b64_json" });
    const job = await jsonOf(await ask(`/${id}`));
    expect(job.result.data).toEqual([{ b64_json: bytes.toString("base64") }]);
    expect(job.images).toEqual([
      { index: 0, content_type: "image/png", bytes: bytes.length, width: 8, height: 8 },
    ]);
  });

  it("stays readable when its pictures are gone", async () => {
    const store = memoryStore();
    await start({ options: { store } });
    const answer = await jsonOf(await generate(host, PROMPT));
    await store.delete([new URL(answer.data[0].url).pathname.split("/").pop() ?? ""]);
    const answered = await ask(`/${(await jsonOf(await ask(""))).data[0].id}`);
    expect(answered.status).toBe(200);
    expect(await jsonOf(answered)).toMatchObject({
      status: "completed",
      result: null,
      error: { code: "result_expired" },
    });
  });

  it("shows why it failed, with nothing of the provider's words", async () => {
    const provider = scriptedProvider(() => {
      throw new Error("secret-canary");
    });
    await start({ providers: [provider] });
    const text = await (await ask(`/${await made()}`)).text();
    expect(JSON.parse(text)).toMatchObject({
      status: "failed",
      result: null,
      error: { code: "upstream_error" },
    });
    expect(text).not.toContain("canary");
  });
});

describe("cancelling", () => {
  it("stops a running job, which tells its waiting caller", async () => {
    const { running } = await busy();
    const id = await only("in_progress");
    const answer = await cancel(id);
    expect(answer.status).toBe(200);
    expect((await jsonOf(answer)).id).toBe(id);
    const waited = await running;
    expect(waited.status).toBe(410);
    expect((await jsonOf(waited)).error.code).toBe("job_cancelled");
    expect(await jsonOf(await ask(`/${id}`))).toMatchObject({ status: "cancelled", result: null });
  });

  it("stops a waiting job before it costs anything", async () => {
    const { running } = await busy();
    const waiting = generate(host, PROMPT);
    let queued: string | undefined;
    while (queued === undefined) queued = await only("queued");
    expect(await jsonOf(await cancel(queued))).toMatchObject({ id: queued, status: "cancelled" });
    expect((await waiting).status).toBe(410);
    await cancel(await only("in_progress"));
    await running;
  });

  it("leaves a job that has ended as it is, however often it is asked", async () => {
    await start();
    const id = await made();
    const before = await jsonOf(await ask(""));
    for (let times = 0; times < 2; times += 1) {
      const answer = await cancel(id);
      expect(answer.status).toBe(200);
      expect(await jsonOf(answer)).toEqual(before.data[0]);
    }
  });
});

describe("authenticate: false", () => {
  it("makes each request its own principal, whose jobs are reached by their id alone", async () => {
    const principals: string[] = [];
    // The type of the test host knows no open gateway; the option is the same.
    const open: object = { authenticate: false };
    await start({
      options: {
        ...open,
        capabilities: ({ id }) => {
          principals.push(id);
          return true;
        },
      },
    });
    const answer = await generate(host, PROMPT, { authorization: "" });
    expect(answer.status).toBe(200);
    const id = answer.headers.get("x-image-job-id");
    const job = await fetch(`${host.url}/v1/images/jobs/${id}`);
    expect(await jsonOf(job)).toMatchObject({ id, status: "completed", result: { data: [{}] } });
    expect(await jsonOf(await fetch(`${host.url}/v1/images/jobs`))).toEqual({
      object: "list",
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
    expect(new Set(principals).size).toBe(3);
    expect((await ask(`/${UNKNOWN}`)).status).toBe(404);
    expect(host.log.filter(({ message }) => message.includes("'authenticate' is false"))).toHaveLength(1);
  });
});
