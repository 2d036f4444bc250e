import { answer, json, type Reply, silence, upstream } from "../../support/upstream";
import { type Bench, createBench, generate } from "./bench";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

describe("health", () => {
  it("is up, with how much there is to do", async () => {
    const web = await bench.webUI();
    const provider = bench.provider(web);
    expect(await provider.health?.(bench.context())).toEqual({
      status: "up",
      latencyMs: expect.any(Number),
      queueDepth: 0,
    });
    web.isHeld = true;
    web.work("task(page-1)");
    web.work("task(page-2)");
    const running = provider.run(generate(), bench.context());
    while (web.calls() === 0) await web.next();
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const behind = provider.run(generate(), bench.context({ progress: () => waits() }));
    await waiting;
    expect(await provider.health?.(bench.context())).toMatchObject({ status: "up", queueDepth: 4 });
    web.isHeld = false;
    web.finish();
    web.finish();
    await Promise.all([running, behind]);
  });

  it("counts our own calls where the server does not tell", async () => {
    const web = await bench.webUI({ page: false });
    web.isHeld = true;
    const provider = bench.provider(web);
    const running = provider.run(generate(), bench.context());
    while (web.calls() === 0) await web.next();
    expect(await provider.health?.(bench.context())).toMatchObject({ status: "up", queueDepth: 1 });
    web.finish();
    await running;
  });

  it.each<[string, Reply, object]>([
    ["refused credentials", json(401, {}), { status: "down", reason: "the credentials are refused" }],
    ["the API off", json(404, {}), { status: "down", reason: "the API is off: start the server with --api" }],
    ["a failing server", answer(500, ""), { status: "down", reason: "status 500" }],
    ["a strange server", answer(302, ""), { status: "degraded", reason: expect.stringContaining("302") }],
  ])("tells of %s", async (_name, reply, expected) => {
    const server = await bench.upstream(reply);
    expect(await bench.provider(server).health?.(bench.context())).toMatchObject(expected);
  });

  it("is down when it does not answer in time", async () => {
    const server = await bench.upstream(silence);
    const provider = bench.provider(server, {}, { answerMs: 50 });
    expect(await provider.health?.(bench.context())).toEqual({
      status: "down",
      reason: "the server does not answer",
    });
  });

  it("is down when nobody is there", async () => {
    const gone = await upstream(silence);
    await gone.close();
    expect(await bench.provider(gone).health?.(bench.context())).toEqual({
      status: "down",
      reason: "refused",
    });
  });
});
