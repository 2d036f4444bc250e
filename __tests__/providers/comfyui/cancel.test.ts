import { createBench, failure, generate, pictures } from "./bench";

const bench = createBench();
afterAll(() => bench.close());

/** Aborts once the run samples. */
const stoppable = () => {
  const controller = new AbortController();
  const ctx = bench.context({}, controller);
  const progress = ctx.progress;
  return Object.assign(ctx, {
    progress: (told: Parameters<typeof progress>[0]) => {
      progress(told);
      if (told.step === 2) controller.abort(new Error("bye"));
    },
  });
};

it("a running call that is aborted interrupts its own run by name, and is told as cancelled within a second", async () => {
  const server = await bench.replay("09-interrupt", { runs: [0] });
  const ctx = stoppable();
  const began = performance.now();
  const error = await failure(bench.for(server).run(generate({ extra: { steps: 12 } }), ctx));

  expect(error.fault).toBe("cancelled");
  expect(performance.now() - began).toBeLessThan(1000);
  expect(server.requests.map(({ line }) => line)).toContain(`POST /api/jobs/${ctx.callKey}/cancel`);
  expect(server.requests.some(({ line }) => line.includes("/interrupt"))).toBe(false);
});

it("on a server without routes for jobs it interrupts with the run's id, and never without", async () => {
  const server = await bench.replay("09-interrupt", { runs: [0], isOld: true });
  const ctx = stoppable();
  await failure(bench.for(server).run(generate({ extra: { steps: 12 } }), ctx));

  const interrupts = server.requests.filter(({ line }) => line === "POST /api/interrupt");
  expect(interrupts.map(({ body }) => JSON.parse(body))).toEqual([{ prompt_id: ctx.callKey }]);
});

it("a run that a stranger has stopped is a failure of the server, not a cancellation", async () => {
  const server = await bench.replay("09-interrupt", { runs: [0] });
  const ctx = bench.context();
  const provider = bench.for(server);
  const running = failure(provider.run(generate(), ctx));
  await new Promise<void>((resolve) => {
    const look = () => (ctx.told.some(({ step }) => step === 2) ? resolve() : void setImmediate(look));
    look();
  });
  const [ref] = ctx.refs;
  expect(ref).toMatchObject({ provider: "comfyui", id: ctx.callKey });
  expect(ref && (await provider.cancel?.(ref, bench.context()))).toBe("requested");

  expect((await running).fault).toBe("internal");
});

it("a call that is aborted before it was sent sends nothing", async () => {
  const server = await bench.replay("02-success-n1");
  const controller = new AbortController();
  controller.abort(new Error("bye"));
  const error = await failure(bench.for(server).run(generate(), bench.context({}, controller)));

  expect([error.fault, error.info.started]).toEqual(["cancelled", "no"]);
  expect(server.posts).toEqual([]);
});

it("one that is aborted while the graph is being sent waits for its answer, so that it can be stopped", async () => {
  const controller = new AbortController();
  const server = await bench.replay("09-interrupt", {
    runs: [0],
    meddle(request) {
      if (request.method === "POST" && request.url === "/api/prompt") controller.abort(new Error("bye"));
      return false;
    },
  });
  const ctx = bench.context({}, controller);
  const error = await failure(bench.for(server).run(generate(), ctx));

  expect(error.fault).toBe("cancelled");
  expect(server.requests.map(({ line }) => line)).toContain(`POST /api/jobs/${ctx.callKey}/cancel`);
});

it("cancel says what became of a run: too late when it has ended, unknown when nobody knows it", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);
  const ctx = bench.context();
  await provider.run(generate(), ctx);
  const [ref] = ctx.refs;
  if (ref === undefined) throw new Error("no ref");

  expect(await provider.cancel?.(ref, bench.context())).toBe("too_late");
  expect(
    await provider.cancel?.({ ...ref, id: "0b9485e6-ba60-4656-a417-78e388729faf" }, bench.context()),
  ).toBe("unknown");
  expect(await provider.cancel?.({ ...ref, data: { server: "gone" } }, bench.context())).toBe("unknown");
});

describe.each([false, true])("a run that waits in the queue (old server: %s)", (isOld) => {
  it("is taken out of it, after its place was told", async () => {
    let isThere = true;
    const waiting: string[] = [];
    const server = await bench.replay("02-success-n1", {
      isOld,
      before: () => new Promise<boolean>(() => {}),
      meddle(request, response, body) {
        const answer = (value: unknown) => {
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
          return true;
        };
        const url = request.url ?? "";
        const id = waiting[0] ?? "";
        const [first, second] = ["7", "8"];
        if (url === "/api/prompt" && request.method === "POST") waiting.push(JSON.parse(body).prompt_id);
        if (url === `/api/jobs/${id}` && !isOld && isThere) return answer({ id, status: "pending" });
        if (url === `/api/jobs/${id}` && !isOld) {
          response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Job not found"}');
          return true;
        }
        // The recorded order: a heap, in which the last number may come first.
        const jobs = [
          { id, priority: 44 },
          { id: first, priority: -45 },
          { id: second, priority: 43 },
        ];
        if (url === "/api/jobs?status=pending" && !isOld) return answer({ jobs });
        if (url === `/api/jobs/${id}/cancel` && !isOld) {
          isThere = false;
          return answer({ cancelled: true });
        }
        if (url === "/api/queue" && request.method === "GET") {
          const pending = jobs
            .filter((job) => isThere || job.id !== id)
            .map((job) => [job.priority, job.id, {}, {}, []]);
          return answer({ queue_running: [], queue_pending: pending });
        }
        if (url === "/api/queue") isThere = !JSON.parse(body).delete.includes(id);
        return false;
      },
    });
    const controller = new AbortController();
    const ctx = bench.context({}, controller);
    const provider = bench.for(server, { silenceMs: 20 });
    const running = failure(provider.run(generate(), ctx));
    await new Promise<void>((resolve) => {
      const look = () =>
        ctx.told.some(({ queuePosition }) => queuePosition) ? resolve() : void setImmediate(look);
      look();
    });
    const [ref] = ctx.refs;
    if (ref === undefined) throw new Error("no ref");

    expect(ctx.told.at(-1)).toEqual({ phase: "queued", queuePosition: 3 });
    expect(await provider.cancel?.(ref, bench.context())).toBe("stopped");
    expect(server.requests.some(({ line }) => line.includes("/interrupt"))).toBe(false);
    expect((await running).info.started).toBe("yes");
  });
});

describe("resume", () => {
  it("picks a run up that another process has sent, without sending it again", async () => {
    const server = await bench.replay("02-success-n1");
    const ctx = bench.context();
    await bench.for(server).run(generate(), ctx);
    const [ref] = ctx.refs;
    if (ref === undefined) throw new Error("no ref");
    const result = await bench.for(server).resume?.(ref, generate(), bench.context({ callKey: ctx.callKey }));

    expect(result && (await pictures(result))).toHaveLength(1);
    expect(server.posts).toHaveLength(1);
  });

  it("sends it when nobody knows of it: the process died before it did", async () => {
    const server = await bench.replay("02-success-n1");
    const first = bench.context();
    await bench.for(server).run(generate(), first);
    server.forget();
    const [ref] = first.refs;
    if (ref === undefined) throw new Error("no ref");
    const result = await bench
      .for(server)
      .resume?.(ref, generate(), bench.context({ callKey: first.callKey }));

    expect(result && (await pictures(result))).toHaveLength(1);
    expect(server.posts).toHaveLength(2);
  });
});
