import { listMember, member } from "../../../lib/internal/json-shape";
import { createBench, failure, generate, pictures, until } from "./bench";
import { answerTo, readRecording } from "./recording";

const bench = createBench();
afterAll(() => bench.close());

/** Aborts once the run samples. */
const stoppable = () => {
  const controller = new AbortController();
  const ctx = bench.context({}, controller);
  const progress = ctx.progress;
  let abortedAt = 0;
  return Object.assign(ctx, {
    sinceAbort: () => performance.now() - abortedAt,
    progress: (told: Parameters<typeof progress>[0]) => {
      progress(told);
      if (told.step !== 2) return;
      abortedAt = performance.now();
      controller.abort(new Error("bye"));
    },
  });
};

it("a running call that is aborted interrupts its own run by name, and is told as cancelled within a second", async () => {
  const server = await bench.replay("09-interrupt", { runs: [0] });
  const ctx = stoppable();
  const error = await failure(bench.for(server).run(generate({ extra: { steps: 12 } }), ctx));

  expect(error.fault).toBe("cancelled");
  expect(ctx.sinceAbort()).toBeLessThan(1000);
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
  await until(() => ctx.told.some(({ step }) => step === 2));
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

it.each([
  ["is interrupted by a stranger's interrupt without a name", 1, "internal"],
  ["is interrupted by a stranger who names it", 3, "internal"],
  ["goes on when a stranger names another", 2, undefined],
  ["goes on though an interrupt came before it", 4, undefined],
])("a run %s (recording 09)", async (_title, run, fault) => {
  const server = await bench.replay("09-interrupt", { runs: [run] });
  const ctx = bench.context();
  const running = bench.for(server).run(generate(), ctx);
  if (fault === undefined) {
    expect(await pictures(await running)).toHaveLength(1);
    return;
  }
  await server.seen(/POST \/api\/prompt/);
  server.interrupt();

  expect((await failure(running)).fault).toBe(fault);
});

describe.each([false, true])("a run that waits in the queue (old server: %s)", (isOld) => {
  /** The third in turn of those that were recorded waiting; the list is a heap. */
  const RECORDED = "b47519e4-a3a4-4c81-a2dd-964370407ccd";
  const lines = readRecording("10-queue-delete");
  const queue = answerTo(lines, "GET /queue")["json"];
  const jobs = listMember(answerTo(lines, "GET /api/jobs?status=pending,in_progress")["json"], "jobs").filter(
    (job) => member(job, "status") === "pending",
  );
  const gone = answerTo(lines, "GET /api/jobs/84feaa21-f9dd-486f-ac41-724b7d825a20");
  const cancelled = answerTo(lines, `POST /api/jobs/${RECORDED}/cancel`);

  it("is taken out of it, after its place was told", async () => {
    let isThere = true;
    let id = "";
    const server = await bench.replay("10-queue-delete", {
      isOld,
      before: () => new Promise<boolean>(() => {}),
      meddle(request, response, body) {
        const answer = (status: unknown, json: unknown) => {
          const text = JSON.stringify(json).replaceAll(RECORDED, id);
          response.writeHead(Number(status), { "content-type": "application/json" }).end(text);
          return true;
        };
        const asked = `${request.method} ${request.url}`;
        if (asked === "POST /api/prompt") id = JSON.parse(body).prompt_id;
        if (asked === "GET /api/queue")
          return answer(200, isThere ? queue : { queue_running: [], queue_pending: [] });
        if (asked === "POST /api/queue") isThere = !JSON.parse(body).delete.includes(id);
        if (isOld) return false;
        if (asked === "GET /api/jobs?status=pending") return answer(200, { jobs });
        if (asked === `GET /api/jobs/${id}`) {
          return isThere ? answer(200, { id, status: "pending" }) : answer(gone["status"], gone["json"]);
        }
        if (asked !== `POST /api/jobs/${id}/cancel`) return false;
        isThere = false;
        return answer(cancelled["status"], cancelled["json"]);
      },
    });
    const controller = new AbortController();
    const ctx = bench.context({}, controller);
    const provider = bench.for(server, { silenceMs: 20 });
    const running = failure(provider.run(generate(), ctx));
    await until(() => ctx.told.some(({ queuePosition }) => queuePosition));
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

  it("looks after a run that another process has sent, whose messages go there alone", async () => {
    let open = () => {};
    const gate = new Promise<boolean>((resolve) => {
      open = () => resolve(true);
    });
    const server = await bench.replay("02-success-n1", { before: (_message, index) => index < 6 || gate });
    const ctx = bench.context();
    const first = bench.for(server).run(generate(), ctx);
    await until(() => ctx.told.some(({ phase }) => phase === "sampling"));
    const [ref] = ctx.refs;
    if (ref === undefined) throw new Error("no ref");
    const second = bench.for(server).resume?.(ref, generate(), bench.context({ callKey: ctx.callKey }));
    const looks = () => server.requests.filter(({ line }) => line.endsWith(`/jobs/${ctx.callKey}`)).length;
    await until(() => looks() > 5);
    open();
    const results = await Promise.all([first, second]);

    for (const result of results) expect(result && (await pictures(result))).toHaveLength(1);
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
