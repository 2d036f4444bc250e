import type { HttpClient } from "../../../lib/ports/http-client";
import type { Progress } from "../../../lib/ports/provider";
import { json } from "../../support/upstream";
import { type Bench, createBench, generate, pictures } from "./bench";
import { PIXEL, type WebUIOptions } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const NO_PAGE: WebUIOptions = { page: false };

const fractions = (told: readonly Progress[]) =>
  told.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));

/** Resolves when `probe` says yes to what was told. */
function toldOnce(probe: (progress: Progress) => boolean) {
  const told: Progress[] = [];
  let reached = () => {};
  const once = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const progress = (report: Progress) => {
    told.push(report);
    if (probe(report)) reached();
  };
  return { told, once, progress };
}

describe.each([
  ["of a web UI", {}, {}],
  ["of a server without its page", NO_PAGE, {}],
  ["of a server without its page, of our own", NO_PAGE, { exclusive: true }],
])("progress %s", (_name, server, options) => {
  it("rises step by step from loading to saving", async () => {
    const web = await bench.webUI(server);
    const ctx = bench.context();
    await bench.provider(web, { ...options, defaults: { steps: 3 } }).run(generate(), ctx);
    expect(ctx.told[0]).toEqual({ phase: "loading" });
    expect(ctx.told.at(-1)).toEqual({ phase: "saving" });
    expect(fractions(ctx.told).length).toBeGreaterThan(1);
    expect(fractions(ctx.told)).toEqual(fractions(ctx.told).toSorted((a, b) => a - b));
    const sampling = ctx.told.filter(({ phase }) => phase === "sampling");
    for (const { step, steps, fraction } of sampling) {
      expect(steps).toBe(3);
      expect((step ?? 0) / 3).toBeCloseTo(fraction ?? 0);
    }
  });

  it("is no longer asked for once the answer is there", async () => {
    const web = await bench.webUI(server);
    let requests = 0;
    const counted: HttpClient = {
      request(request) {
        requests += 1;
        return bench.http.request(request);
      },
    };
    const provider = bench.provider(web, options);
    await pictures(await provider.run(generate(), bench.context({ http: counted })));
    const before = requests;
    // What was to be asked late has been asked when another call has come to its end.
    await pictures(await provider.run(generate(), bench.context()));
    expect(requests).toBe(before);
  });

  it.each([
    ["nothing", null],
    ["a number", 5],
    ["nonsense", { active: "yes", progress: "half", state: { job_count: "1", sampling_step: {} } }],
    ["impossible numbers", { active: true, progress: -7, state: { job_count: 1, job_no: -9 } }],
    ["too much", { active: true, progress: 1e300, state: { job_count: 1, job_no: 99, sampling_steps: -1 } }],
  ])("that is %s does no harm", async (_what, answer) => {
    const web = await bench.webUI(server);
    web.routes.set("/internal/progress", json(200, answer));
    const usual = json(200, { progress: 0, state: {} });
    web.routes.set("/sdapi/v1/progress", (request, response) =>
      (web.calls() === 0 ? usual : json(200, answer))(request, response),
    );
    const ctx = bench.context();
    expect(await pictures(await bench.provider(web, options).run(generate(), ctx))).toHaveLength(1);
    for (const fraction of fractions(ctx.told)) {
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThanOrEqual(1);
    }
  });

  it("that fails does not make the call fail", async () => {
    const web = await bench.webUI(server);
    web.routes.set("/internal/progress", (_request, { socket }) => socket?.destroy());
    web.routes.set("/sdapi/v1/progress", (request, response) =>
      web.calls() === 0
        ? json(200, { progress: 0, state: {} })(request, response)
        : response.socket?.destroy(),
    );
    const result = await bench.provider(web, options).run(generate(), bench.context());
    expect(await pictures(result)).toHaveLength(1);
  });
});

describe("a look that finds nothing new", () => {
  it("is repeated less and less often", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    const pauses: number[] = [];
    let last = 0;
    let enough = () => {};
    const many = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const still = json(200, { active: true, queued: false, completed: false, progress: 0.5 });
    web.routes.set("/internal/progress", (request, response) => {
      const now = performance.now();
      if (last > 0) pauses.push(now - last);
      last = now;
      if (pauses.length === 8) enough();
      return still(request, response);
    });
    const running = bench.provider(web, {}, { pollMs: 8, pollCapMs: 60 }).run(generate(), bench.context());
    await many;
    web.finish();
    await running;
    // A timer may be late, but never early.
    for (const pause of pauses.slice(-2)) expect(pause).toBeGreaterThanOrEqual(55);
  });
});

describe("previews", () => {
  const previewsIn = (told: readonly Progress[]) => told.flatMap(({ preview }) => preview ?? []);

  it.each([
    ["by the task", {}, {}],
    ["of a server of our own", NO_PAGE, { exclusive: true }],
  ])("are shown %s while somebody looks", async (_name, server, options) => {
    const web = await bench.webUI(server);
    const ctx = bench.context({ wantsPreviews: true });
    await bench.provider(web, options).run(generate(), ctx);
    const previews = previewsIn(ctx.told);
    expect(previews.length).toBeGreaterThan(0);
    for (const preview of previews) expect(preview).toEqual({ type: "image/png", bytes: PIXEL });
  });

  it("are not even asked for while nobody looks", async () => {
    for (const server of [{}, NO_PAGE]) {
      const web = await bench.webUI(server);
      const ctx = bench.context();
      await bench.provider(web, { exclusive: true }).run(generate(), ctx);
      expect(previewsIn(ctx.told)).toEqual([]);
      const looks = web.requests.filter(({ path }) => /progress/.test(path));
      expect(looks.length).toBeGreaterThan(1);
      for (const { path, body } of looks) {
        expect(
          path.endsWith("skip_current_image=true") || String(body).includes('"live_preview":false'),
        ).toBe(true);
      }
    }
  });

  it("are not shown where they may be of somebody else's picture", async () => {
    const web = await bench.webUI(NO_PAGE);
    const ctx = bench.context({ wantsPreviews: true });
    await bench.provider(web).run(generate(), ctx);
    expect(previewsIn(ctx.told)).toEqual([]);
    for (const { path } of web.requests) expect(path).not.toContain("skip_current_image=false");
  });

  it("that an older server sends unasked are not shown", async () => {
    const web = await bench.webUI();
    const picture = `data:image/png;base64,${PIXEL.toString("base64")}`;
    web.routes.set(
      "/internal/progress",
      json(200, { active: true, progress: 0.5, live_preview: picture, id_live_preview: 1 }),
    );
    const ctx = bench.context();
    await bench.provider(web).run(generate(), ctx);
    expect(previewsIn(ctx.told)).toEqual([]);
  });

  it.each(["", "data:image/png;base64,", "data:text/html;base64,PGI+", "!!!", `${"A".repeat(100)}`])(
    "that are no picture (%j) are not shown",
    async (text) => {
      const web = await bench.webUI();
      web.routes.set(
        "/internal/progress",
        json(200, { active: true, progress: 0.5, live_preview: text, id_live_preview: 1 }),
      );
      const ctx = bench.context({ wantsPreviews: true });
      await bench.provider(web).run(generate(), ctx);
      expect(ctx.told.some(({ fraction }) => fraction === 0.5)).toBe(true);
      expect(previewsIn(ctx.told)).toEqual([]);
    },
  );

  it("are asked for once each", async () => {
    const web = await bench.webUI();
    await bench.provider(web).run(generate(), bench.context({ wantsPreviews: true }));
    const seen = web.requests
      .filter(({ path }) => path === "/internal/progress")
      .map((request) => Object(request.json()).id_live_preview);
    expect(seen[0]).toBe(-1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(0);
  });
});

describe("waiting", () => {
  it("behind others of our own is told with the place in the line", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    const provider = bench.provider(web);
    const begun = toldOnce(({ phase }) => phase === "loading");
    const first = provider.run(generate(), bench.context({ progress: begun.progress }));
    await begun.once;
    const second = toldOnce(({ queuePosition }) => queuePosition === 1);
    const waiting = provider.run(generate(), bench.context({ progress: second.progress }));
    await second.once;
    const third = toldOnce(({ queuePosition }) => queuePosition === 2);
    const behind = provider.run(generate(), bench.context({ progress: third.progress }));
    await third.once;
    expect(web.calls()).toBe(1);
    web.isHeld = false;
    web.finish();
    await Promise.all([first, waiting, behind]);
    expect(web.calls()).toBe(3);
    expect(third.told.slice(0, 2)).toEqual([
      { phase: "queued", queuePosition: 2 },
      { phase: "queued", queuePosition: 1 },
    ]);
  });

  it("at the server, behind somebody at its page, is told with the place there", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    web.work("task(page-1)");
    const queued = toldOnce(({ phase }) => phase === "queued");
    const running = bench.provider(web).run(generate(), bench.context({ progress: queued.progress }));
    await queued.once;
    expect(queued.told.at(-1)).toEqual({ phase: "queued", queuePosition: 1 });
    web.isHeld = false;
    web.finish();
    await running;
    expect(fractions(queued.told).length).toBeGreaterThan(0);
  });

  it("tells nothing of somebody else's work on a server without its page", async () => {
    const web = await bench.webUI(NO_PAGE);
    web.isHeld = true;
    web.work("foreign");
    const ctx = bench.context();
    const provider = bench.provider(web);
    const running = provider.run(generate(), ctx);
    await web.next();
    while (web.calls() === 0) await web.next();
    // Looks at the other's work.
    for (let looks = 0; looks < 3; looks++) await web.next();
    expect(fractions(ctx.told)).toEqual([]);
    web.isHeld = false;
    web.finish();
    await running;
    expect(fractions(ctx.told).length).toBeGreaterThan(0);
  });
});
