import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelCard, Progress } from "express-image-gateway";
import { signalled } from "../support/gate";
import { generate, jsonOf, PROMPT } from "../support/host";
import { describeWithRedis } from "../support/redis";
import {
  picture,
  pictures,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
} from "../support/scripted-provider";
import { type Machine, startMachine } from "./machine";

const CARD: Partial<ModelCard> = { ops: ["generate", "edit"], previews: true, progress: "steps" };
const ANN = { authorization: "Bearer sk-ann" };
const ASYNC = { prefer: "respond-async" };
const B64 = { ...PROMPT, response_format: "b64_json" };

/** Four steps with a preview each. */
const steps: Script = async (task, { progress }) => {
  for (let step = 1; step <= 4; step += 1) {
    const bytes = await picture({ seed: step });
    const report: Progress = { phase: "sampling", step, steps: 4, preview: { type: "image/png", bytes } };
    progress(report);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return pictures(task.n);
};

interface Change {
  readonly id: string;
  readonly seq: number;
  readonly progress: number;
  readonly status: string;
}

describeWithRedis("two web processes and two workers", (redis) => {
  let one: Machine;
  let two: Machine;
  let machines: Machine[];
  let workers: ScriptedProvider[];
  let directory: string;

  async function start(script: Script = steps): Promise<void> {
    directory = await mkdtemp(join(tmpdir(), "machines-"));
    const common = { redisUrl: redis().url, prefix: `machines-${randomUUID()}`, directory };
    workers = [scriptedProvider(script, CARD), scriptedProvider(script, CARD)];
    const idle = () => [
      scriptedProvider(() => Promise.reject(new Error("a web process does no work")), CARD),
    ];
    [one, two, ...machines] = await Promise.all([
      startMachine({ ...common, role: "web", providers: idle() }),
      startMachine({ ...common, role: "web", providers: idle() }),
      ...workers.map((provider) => startMachine({ ...common, role: "worker", providers: [provider] })),
    ]);
    machines.unshift(one, two);
  }
  afterEach(async () => {
    await Promise.all(machines.map((machine) => machine.close()));
    await rm(directory, { recursive: true, force: true });
  });

  const calls = () => workers.flatMap((worker) => worker.calls);
  const job = (at: Machine, id: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${at.url}/v1/images/jobs/${id}`, { method, headers: { ...ANN, ...headers } });

  it("bring the progress of each job to its owner's sockets wherever they are, in order, once, and to nobody else", async () => {
    await start();
    const [ann, bob] = await Promise.all([one.socket("sk-ann"), one.socket("sk-bob")]);
    const heard = new Map<string, Change[]>();
    const previews: string[] = [];
    const strangers: unknown[] = [];
    const allEnded = signalled();
    let ended = 0;
    ann.on("progress", (change: Change) => {
      heard.set(change.id, [...(heard.get(change.id) ?? []), change]);
      if (change.status === "completed" && ++ended === 8) allEnded.resolve();
    });
    ann.on("preview", ({ id }: { id: string }) => previews.push(id));
    bob.onAny((...event) => strangers.push(event));
    const accepted = await Promise.all(Array.from({ length: 8 }, () => generate(two, PROMPT, ASYNC)));
    const ids = await Promise.all(accepted.map(async (answer) => (await jsonOf(answer)).id));
    await allEnded.promise;
    expect([...heard.keys()].sort()).toEqual([...ids].sort());
    for (const changes of heard.values()) {
      const seqs = changes.map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
      expect(changes.map(({ progress }) => progress)).toContain(25);
      expect(changes.filter(({ status }) => status === "completed")).toEqual([changes.at(-1)]);
    }
    expect(previews.length).toBeGreaterThan(0);
    expect(strangers).toEqual([]);
    expect(calls()).toHaveLength(8);
  });

  it("answer who waits, with links or in base64, though another process makes the pictures", async () => {
    await start();
    const [url, base64] = await Promise.all([generate(one, PROMPT), generate(two, { ...B64, n: 2 })]);
    const { data } = await jsonOf(url);
    expect((await fetch(data[0].url.replace(one.url, two.url))).headers.get("content-type")).toBe(
      "image/png",
    );
    expect((await jsonOf(base64)).data).toHaveLength(2);
  });

  it("stream unfinished versions, made of the previews of the worker", async () => {
    await start();
    const text = await (await generate(one, { ...PROMPT, stream: true, partial_images: 2 })).text();
    const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(types.filter((type) => type === "image_generation.partial_image").length).toBeGreaterThan(0);
    expect(types.at(-1)).toBe("image_generation.completed");
  });

  it("tell the events of a job on a machine that it was not posted to", async () => {
    await start();
    const { id } = await jsonOf(await generate(one, PROMPT, ASYNC));
    const text = await (
      await fetch(`${two.url}/v1/images/jobs/${id}/events?previews=1`, { headers: ANN })
    ).text();
    expect(text).toContain("event: preview");
    expect(text.trimEnd().split("\n\n").at(-1)).toContain('"status":"completed"');
  });

  it("bring the pictures of an edit to the worker, and leave none of them behind", async () => {
    await start((task) => pictures(task.n));
    const given: number[] = [];
    for (const worker of workers) {
      worker.script = async (task) => {
        if (task.op === "edit") {
          for (const image of task.images)
            for await (const piece of image.open()) given.push(piece.byteLength);
        }
        return pictures(task.n);
      };
    }
    const bytes = await picture();
    const form = new FormData();
    form.set("model", PROMPT.model);
    form.set("prompt", PROMPT.prompt);
    form.set("image", new Blob([Uint8Array.from(bytes)], { type: "image/png" }), "a.png");
    const answer = await fetch(`${one.url}/v1/images/edits`, { method: "POST", headers: ANN, body: form });
    expect(answer.status).toBe(200);
    expect(given.reduce((sum, each) => sum + each, 0)).toBe(bytes.length);
    const { id } = await jsonOf(await job(two, answer.headers.get("x-image-job-id") ?? ""));
    await job(two, id, {}, "DELETE");
    const left = async () => {
      const files = await readdir(directory, { recursive: true, withFileTypes: true });
      return files.filter((file) => file.isFile() && !file.name.endsWith(".json")).map(({ name }) => name);
    };
    // The web process hears of the end by itself, and tidies up then.
    while ((await left()).length > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("do a request with a key once, on whichever machine it is repeated", async () => {
    await start();
    const key = { "idempotency-key": "order-17" };
    const [first, second] = await Promise.all([generate(one, B64, key), generate(two, B64, key)]);
    const third = await generate(two, B64, key);
    const bodies = await Promise.all([first, second, third].map(jsonOf));
    expect(new Set(bodies.map(({ data }) => data[0].b64_json)).size).toBe(1);
    expect(third.headers.get("idempotent-replayed")).toBe("true");
    expect(calls()).toHaveLength(1);
  });

  it("give an SDK's retry on one machine the job that its first attempt left on the other", async () => {
    const go = signalled();
    const begun = signalled();
    await start(async (task) => {
      begun.resolve();
      await go.promise;
      return pictures(task.n);
    });
    const leaving = new AbortController();
    const left = fetch(`${one.url}/v1/images/generations`, {
      method: "POST",
      headers: { ...ANN, "content-type": "application/json", "x-stainless-retry-count": "0" },
      body: JSON.stringify(B64),
      signal: leaving.signal,
    });
    await begun.promise;
    leaving.abort();
    await expect(left).rejects.toThrow();
    const back = async (): Promise<Response> => {
      const id = (await jsonOf(await fetch(`${two.url}/v1/images/jobs`, { headers: ANN }))).data[0].id;
      const answer = generate(two, B64, { "x-stainless-retry-count": "1" });
      go.resolve();
      expect((await answer).headers.get("x-image-job-id")).toBe(id);
      return answer;
    };
    expect((await back()).status).toBe(200);
    expect(calls()).toHaveLength(1);
  });

  it("stop a job on a machine that it was not posted to", async () => {
    const stopped = signalled();
    const begun = signalled();
    await start((_task, { signal }) => {
      begun.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stopped.resolve();
          reject(signal.reason);
        });
      });
    });
    const { id } = await jsonOf(await generate(one, PROMPT, ASYNC));
    await begun.promise;
    await fetch(`${two.url}/v1/images/jobs/${id}/cancel`, { method: "POST", headers: ANN });
    await stopped.promise;
    expect((await jsonOf(await job(one, id, { prefer: "wait=10" }))).status).toBe("cancelled");
  });
});
