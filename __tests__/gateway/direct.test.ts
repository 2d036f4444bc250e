import type { ImageJob } from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { memoryStore } from "express-image-gateway/stores/memory";
import { knownCaller } from "../../lib/core/callers/caller";
import {
  type HostSetup,
  PRINCIPALS,
  PROMPT,
  startHost,
  type TestHost,
  type TestPrincipal,
} from "../support/host";
import { bytesOut, picture, pictures, scriptedProvider, untilAborted } from "../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const who = (key: string): TestPrincipal => PRINCIPALS.get(key) ?? { id: "nobody", capabilities: [] };
const ann = who("sk-ann");
const B64 = { ...PROMPT, response_format: "b64_json" } as const;

it("gives links below `publicUrl`", async () => {
  await start();
  const publicUrl = `${host.url}/v1`;
  const closed = host;
  await closed.close();
  await start({ options: { publicUrl } });
  const { data, size } = await host.images.generate(ann, { ...PROMPT, n: 2 });
  expect(size).toBe("8x8");
  expect(data).toHaveLength(2);
  const links = data.map(({ url = "" }) => new URL(url));
  for (const link of links) {
    expect(link.href).toMatch(`${publicUrl}/images/files/`);
    const { pathname, search } = link;
    expect((await fetch(`${host.url}${pathname}${search}`)).status).toBe(200);
  }
});

it("gives base64 without an address of its own", async () => {
  const bytes = await picture();
  await start({ providers: [scriptedProvider(() => ({ images: [bytesOut(bytes)], meta: () => ({}) }))] });
  expect((await host.images.generate(ann, B64)).data).toEqual([{ b64_json: bytes.toString("base64") }]);
});

it("says what to do where it cannot make links", async () => {
  const provider = scriptedProvider();
  await start({ providers: [provider] });
  await expect(host.images.generate(ann, PROMPT)).rejects.toThrow(/set the option 'publicUrl' or ask for/);
  expect(provider.calls).toHaveLength(0);
});

it("reports every change of the job once, in order, from queued to its end", async () => {
  const provider = scriptedProvider(async (task, context) => {
    context.progress({ phase: "sampling", fraction: 0.5, step: 1, steps: 2 });
    return pictures(task.n);
  });
  await start({ providers: [provider] });
  const jobs: ImageJob[] = [];
  await host.images.generate(ann, B64, { onProgress: (job) => void jobs.push(job) });
  expect(jobs[0]).toMatchObject({ status: "queued", progress: 0 });
  expect(jobs[1]).toMatchObject({ status: "in_progress" });
  expect(jobs.at(-1)).toMatchObject({ status: "completed", progress: 100, result: null });
  expect(jobs.filter(({ status }) => status === "completed")).toHaveLength(1);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  const percents = jobs.map(({ progress }) => progress);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
});

it("tells the queue that nobody waits here any more, whatever the end", async () => {
  const answered: string[] = [];
  const jobs = { ...memoryJobs(), answered: async (id: string) => void answered.push(id) };
  let calls = 0;
  const once = scriptedProvider((task) => {
    calls += 1;
    if (calls > 1) throw new Error("no more");
    return pictures(task.n);
  });
  await start({ options: { jobs }, providers: [once] });
  await host.images.generate(ann, B64);
  await expect(host.images.generate(ann, B64)).rejects.toThrow();
  const { jobs: made } = await jobs.list({ owner: knownCaller(ann).owner, limit: 10, order: "asc" });
  expect(answered).toEqual(made.map(({ id }) => id));
  expect(answered).toHaveLength(2);
});

it("hears nothing of other jobs, and nothing after its end", async () => {
  await start();
  const heard: string[] = [];
  await Promise.all([
    host.images.generate(ann, B64, { onProgress: ({ id }) => void heard.push(id) }),
    host.images.generate(ann, B64),
  ]);
  const count = heard.length;
  await host.images.generate(ann, B64);
  expect(new Set(heard).size).toBe(1);
  expect(heard).toHaveLength(count);
});

it("is not disturbed by a listener that throws", async () => {
  await start();
  const answer = await host.images.generate(ann, B64, {
    onProgress: () => {
      throw new Error("secret-canary");
    },
  });
  expect(answer.data).toHaveLength(1);
  expect(host.log.some(({ message }) => message === "onProgress threw")).toBe(true);
  expect(JSON.stringify(host.log)).not.toContain("canary");
});

it("cancels its job when it is aborted, and rejects with the reason", async () => {
  const leaving = new AbortController();
  const states: string[] = [];
  const provider = scriptedProvider((task, context) => {
    leaving.abort(new Error("no longer wanted"));
    return untilAborted(task, context);
  });
  const jobs = memoryJobs();
  const ended = new Promise<string>((resolve) => {
    jobs.watch(({ status }) => {
      states.push(status);
      if (status === "cancelled") resolve(status);
    });
  });
  await start({ providers: [provider], options: { jobs } });
  await expect(host.images.generate(ann, B64, { signal: leaving.signal })).rejects.toThrow(
    "no longer wanted",
  );
  expect(await ended).toBe("cancelled");
  expect(states).not.toContain("completed");
});

it("begins nothing for a signal that has aborted before", async () => {
  const provider = scriptedProvider();
  await start({ providers: [provider] });
  const signal = AbortSignal.abort(new Error("too late"));
  await expect(host.images.generate(ann, B64, { signal })).rejects.toThrow("too late");
  expect(provider.calls).toHaveLength(0);
});

it.each([
  ["a missing prompt", { model: "test-model" }, ann, "missing_required_parameter", 400],
  ["an unknown model", { ...B64, model: "nope" }, ann, "model_not_found", 404],
  ["a principal without the capability", B64, who("sk-eve"), "missing_capability", 403],
])("rejects for %s with what HTTP would say", async (_title, request, principal, code, status) => {
  await start();
  await expect(Reflect.apply(host.images.generate, undefined, [principal, request])).rejects.toMatchObject({
    code,
    status,
  });
});

it("rejects with the failure of the job", async () => {
  await start({
    providers: [
      scriptedProvider(() => {
        throw new Error("broken");
      }),
    ],
  });
  await expect(host.images.generate(ann, B64)).rejects.toMatchObject({
    code: "upstream_error",
    retry: false,
  });
});

it("takes no work before the start and after the close", async () => {
  let begin: () => void = () => {};
  const ready = () =>
    new Promise<void>((resolve) => {
      begin = resolve;
    });
  await start({ untilReady: false, options: { store: Object.assign(memoryStore(), { ready }) } });
  await expect(host.images.generate(ann, B64)).rejects.toMatchObject({ code: "starting" });
  begin();
  await host.images.ready();
  await host.images.generate(ann, B64);
  await host.images.close();
  await expect(host.images.generate(ann, B64)).rejects.toMatchObject({ code: "closed" });
});

it("leaves its job to the same principal's list on HTTP", async () => {
  await start();
  await host.images.generate(ann, B64);
  const list = async (key: string) =>
    JSON.parse(
      await (
        await fetch(`${host.url}/v1/images/jobs`, { headers: { authorization: `Bearer ${key}` } })
      ).text(),
    ).data;
  expect(await list("sk-ann")).toHaveLength(1);
  expect(await list("sk-bob")).toHaveLength(0);
});
