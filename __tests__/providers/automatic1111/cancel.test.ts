import type { HttpClient } from "../../../lib/ports/http-client";
import type { Progress } from "../../../lib/ports/provider";
import { answer, json, silence } from "../../support/upstream";
import { type Bench, createBench, failure, generate, pictures } from "./bench";
import type { WebUI, WebUIOptions } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const NO_PAGE: WebUIOptions = { page: false };

/** Until the server has taken so many calls. */
async function taken(web: WebUI, calls = 1): Promise<void> {
  while (web.calls() < calls) await web.next();
}

/** Until something has come to the server. */
async function until(web: WebUI, probe: () => boolean): Promise<void> {
  while (!probe()) await web.next();
}

async function cancelled(work: Promise<unknown>, controller: AbortController) {
  const began = performance.now();
  controller.abort(new Error("canary"));
  const error = await failure(work);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(error.fault).toBe("cancelled");
  expect(error.message).not.toContain("canary");
  return error.info.started;
}

describe.each([
  ["of a web UI", {}, {}],
  ["of a server of our own without its page", NO_PAGE, { exclusive: true }],
])("a call %s that is aborted", (_name, server, options) => {
  it("is interrupted, and told as cancelled though the server calls it a success", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const ctx = bench.context();
    const running = bench.provider(web, options).run(generate(), ctx);
    await taken(web);
    expect(await cancelled(running, ctx.controller)).toBe("maybe");
    await until(web, () => web.interrupts.length > 0);
    expect(web.interrupts).toEqual([ctx.callKey]);
    expect(web.running()).toBeUndefined();
  });

  it("while it waits in our line is never sent", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const provider = bench.provider(web, options);
    const first = provider.run(generate(), bench.context());
    await taken(web);
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const ctx = bench.context({ progress: () => waits() });
    const second = provider.run(generate(), ctx);
    await waiting;
    expect(await cancelled(second, ctx.controller)).toBe("no");
    web.isHeld = false;
    web.finish();
    expect(await pictures(await first)).toHaveLength(1);
    expect(web.calls()).toBe(1);
    expect(web.interrupts).toEqual([]);
  });

  it("makes room for the next, which is drawn in full", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const provider = bench.provider(web, options);
    const ctx = bench.context();
    const first = provider.run(generate(), ctx);
    await taken(web);
    const second = provider.run(generate({ prompt: "next" }), bench.context());
    await cancelled(first, ctx.controller);
    await taken(web, 2);
    web.isHeld = false;
    web.finish();
    const [bytes] = await pictures(await second);
    const again = await pictures(await provider.run(generate({ prompt: "next" }), bench.context()));
    expect(again).toEqual([bytes]);
    expect(web.interrupts).toEqual([ctx.callKey]);
  });

  it("tells nothing more", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const ctx = bench.context();
    const running = bench.provider(web, options).run(generate(), ctx);
    await taken(web);
    await cancelled(running, ctx.controller);
    const told = ctx.told.length;
    await until(web, () => web.interrupts.length > 0);
    expect(ctx.told).toHaveLength(told);
  });

  it("is told to stop too when it took too long for us", async () => {
    const slow = createBench({ firstByteMs: 500 });
    try {
      const web = await slow.webUI(server);
      web.isHeld = true;
      const ctx = slow.context();
      const error = await failure(slow.provider(web, options).run(generate(), ctx));
      expect(error).toMatchObject({ fault: "timeout", info: { started: "maybe" } });
      await until(web, () => web.interrupts.length > 0);
      expect(web.interrupts).toEqual([ctx.callKey]);
    } finally {
      await slow.close();
    }
  });

  it("is told to stop too when a proxy in between has lost patience", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const impatient: HttpClient = {
      async request(request) {
        if (!request.url.endsWith("/txt2img")) return bench.http.request(request);
        const cut = new AbortController();
        const sent = bench.http.request({ ...request, signal: cut.signal }).catch(() => {});
        await taken(web);
        cut.abort();
        await sent;
        return { status: 504, headers: {}, body: (async function* () {})() };
      },
    };
    const ctx = bench.context({ http: impatient });
    const error = await failure(bench.provider(web, options).run(generate(), ctx));
    expect(error).toMatchObject({ fault: "unavailable", info: { started: "maybe", status: 504 } });
    await until(web, () => web.interrupts.length > 0);
    expect(web.interrupts).toEqual([ctx.callKey]);
  });

  it("is given up in time when the server does not listen", async () => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const provider = bench.provider(web, options, { stopMs: 50 });
    const ctx = bench.context();
    const running = provider.run(generate(), ctx);
    await taken(web);
    web.routes.set("/internal/progress", silence);
    web.routes.set("/sdapi/v1/progress", silence);
    await cancelled(running, ctx.controller);
    await provider.close();
    expect(web.interrupts).toEqual([]);
  });
});

describe("a call that is aborted while the server is asked what it has", () => {
  it.each(["sd-models", "samplers", "schedulers", "options", "progress", "interrupt", "img2img"])(
    "is over at once, whatever %s has to say",
    async (route) => {
      const web = await bench.webUI();
      web.routes.set(`/sdapi/v1/${route}`, silence);
      const ctx = bench.context();
      const running = bench.provider(web).run(generate(), ctx);
      await until(web, () => web.requests.some(({ path }) => path.includes(route)));
      expect(await cancelled(running, ctx.controller)).toBe("no");
      expect(web.calls()).toBe(0);
      await Promise.all(web.requests.map(({ gone }) => gone));
      expect(ctx.told).toEqual([]);
    },
  );
});

describe("somebody else's work", () => {
  it("is not interrupted when our call waits behind it and is aborted", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    web.work("task(page-1)");
    const provider = bench.provider(web, {}, { stopMs: 60 });
    const ctx = bench.context();
    const running = provider.run(generate(), ctx);
    await taken(web);
    await cancelled(running, ctx.controller);
    // Resolves when the server is no longer told anything.
    await provider.close();
    expect(web.interrupts).toEqual([]);
    expect(web.running()).toBe("task(page-1)");
  });

  it("is left alone, and ours interrupted as soon as its turn has come", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    web.work("task(page-1)");
    const ctx = bench.context();
    const running = bench.provider(web, {}, { stopMs: 5_000 }).run(generate(), ctx);
    await taken(web);
    await cancelled(running, ctx.controller);
    web.finish();
    await until(web, () => web.interrupts.length > 0);
    expect(web.interrupts).toEqual([ctx.callKey]);
  });

  it("is safe from us on a server that tells no tasks apart and is not ours alone", async () => {
    const web = await bench.webUI(NO_PAGE);
    web.isHeld = true;
    const provider = bench.provider(web);
    const ctx = bench.context();
    const running = provider.run(generate(), ctx);
    await taken(web);
    await cancelled(running, ctx.controller);
    await provider.close();
    expect(web.interrupts).toEqual([]);
    expect(web.running()).toBe(ctx.callKey);
  });

  it("that we have given up on a server of our own is over before the next call is sent", async () => {
    const web = await bench.webUI(NO_PAGE);
    web.isHeld = true;
    const provider = bench.provider(web, { exclusive: true }, { stopMs: 30 });
    const ctx = bench.context();
    const first = provider.run(generate(), ctx);
    await taken(web);
    web.routes.set("/sdapi/v1/interrupt", answer(500, ""));
    await cancelled(first, ctx.controller);
    const second = provider.run(generate(), bench.context());
    for (let looks = 0; looks < 20; looks++) await web.next();
    expect(web.calls()).toBe(1);
    web.isHeld = false;
    web.finish();
    expect(await pictures(await second)).toHaveLength(1);
  });
});

describe("work that somebody interrupts at the server", () => {
  it.each([
    ["a web UI", {}],
    ["a server without its page", NO_PAGE],
  ])("of %s is no success", async (_name, server) => {
    const web = await bench.webUI(server);
    web.isHeld = true;
    const running = bench.provider(web).run(generate(), bench.context());
    await taken(web);
    web.interrupt();
    const error = await failure(running);
    expect(error).toMatchObject({
      fault: "internal",
      message: "The work was stopped on the server.",
      info: { started: "yes" },
    });
  });

  it("does not spoil what comes after", async () => {
    const web = await bench.webUI();
    web.interrupt();
    expect(await pictures(await bench.provider(web).run(generate(), bench.context()))).toHaveLength(1);
  });

  it("cannot be told once the server is at other work, nor when it does not answer", async () => {
    for (const state of [json(200, { state: { job_count: 1, interrupted: true } }), silence]) {
      const web = await bench.webUI();
      web.isHeld = true;
      const running = bench.provider(web, {}, { lastLookMs: 50 }).run(generate(), bench.context());
      await taken(web);
      web.routes.set("/sdapi/v1/progress", state);
      web.finish();
      expect(await pictures(await running)).toHaveLength(1);
    }
  });
});

describe("close()", () => {
  it("ends what runs, what waits and what would come, and tells the server", async () => {
    const web = await bench.webUI();
    web.isHeld = true;
    const provider = bench.provider(web);
    const ctx = bench.context();
    const told: Progress[] = [];
    const first = failure(provider.run(generate(), ctx));
    await taken(web);
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const progress = (report: Progress) => {
      told.push(report);
      waits();
    };
    const second = failure(provider.run(generate(), bench.context({ progress })));
    await waiting;
    await Promise.all([provider.close(), provider.close()]);
    expect((await first).fault).toBe("cancelled");
    expect(await second).toMatchObject({ fault: "cancelled", info: { started: "no" } });
    expect(web.interrupts).toEqual([ctx.callKey]);
    expect(web.calls()).toBe(1);
    const late = await failure(provider.run(generate(), bench.context()));
    expect(late).toMatchObject({ fault: "unavailable", info: { started: "no" } });
  });

  it("of a provider that does nothing is done at once", async () => {
    const web = await bench.webUI();
    await bench.provider(web).close();
    expect(web.connections()).toBe(0);
  });
});
