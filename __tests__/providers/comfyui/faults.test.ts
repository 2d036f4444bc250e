import { createBench, failure, generate, pictures, QUICK } from "./bench";
import { readRecording } from "./recording";

const bench = createBench();
afterAll(() => bench.close());

const stepsOf = (told: readonly { step?: number }[]) => [
  ...new Set(told.map(({ step }) => step).filter((step) => step !== undefined)),
];

describe("without its socket", () => {
  it("finishes a run by asking alone", async () => {
    const server = await bench.replay("02-success-n1", { isDeaf: true });
    const ctx = bench.context();
    const result = await bench.for(server).run(generate(), ctx);

    expect(await pictures(result)).toHaveLength(1);
    expect(ctx.told.map(({ phase }) => phase)).toContain("saving");
  });

  it("finishes one on a server that has no routes for jobs", async () => {
    const server = await bench.replay("20-old-version-0.3.64", { isOld: true, isDeaf: true });
    const result = await bench.for(server).run(generate(), bench.context());

    expect(await pictures(result)).toHaveLength(1);
  });

  it("does not send a graph whose pictures would come over it", async () => {
    const server = await bench.replay("05-save-image-websocket-metadata-client", { isDeaf: true });
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["unavailable", "no"]);
    expect(server.posts).toEqual([]);
  });
});

it("comes back under the same id when the socket is cut in a run, and misses no picture", async () => {
  const server = await bench.replay("02-success-n1", {
    async before(message) {
      if (String(message).includes('"value":3')) {
        for (const socket of server.sockets()) socket.terminate();
        await server.joined();
      }
      return true;
    },
  });
  const ctx = bench.context();
  const result = await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);

  expect(await pictures(result)).toHaveLength(1);
  expect(server.clients.length).toBeGreaterThan(1);
  expect(new Set(server.clients).size).toBe(1);
  expect(stepsOf(ctx.told).at(-1)).toBe(6);
  expect(server.hellos.length).toBeGreaterThan(1);
});

it("finds a run finished that ended while the socket was down", async () => {
  const server = await bench.replay("02-success-n1", {
    before(_message, index) {
      if (index === 8) for (const socket of server.sockets()) socket.terminate();
      return index < 8;
    },
  });
  const result = await bench.for(server, { silenceMs: 50 }).run(generate(), bench.context());

  expect(await pictures(result)).toHaveLength(1);
});

it("outlives a proxy that is cut off from the server for a moment", async () => {
  let answers = 4;
  const server = await bench.replay("02-success-n1", {
    before(_message, index) {
      if (index === 8) for (const socket of server.sockets()) socket.terminate();
      return index < 8;
    },
    meddle(request, response) {
      if (request.method !== "GET" || server.posts.length === 0 || answers-- <= 0) return false;
      response.writeHead(503, { "content-type": "text/html" }).end("<h1>Service unavailable</h1>");
      return true;
    },
  });
  const result = await bench.for(server, { silenceMs: 50 }).run(generate(), bench.context());

  expect(await pictures(result)).toHaveLength(1);
  expect(answers).toBeLessThan(0);
});

it("asks again when the run has ended while an older answer was on its way", async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let hold = () => {};
  const held = new Promise<void>((resolve) => {
    hold = resolve;
  });
  let isHeld = false;
  const server = await bench.replay("02-success-n1", {
    async before(message) {
      // Without the word of its pictures the end of the run has to be asked for.
      if (String(message).includes('"type":"executed"')) return false;
      if (/"executing".*"node":null/.test(String(message))) {
        await held;
        setTimeout(end, QUICK.pollMs);
      }
      return true;
    },
    meddle(request, response) {
      if (isHeld || !/^\/api\/jobs\/[0-9a-f-]{36}$/.test(request.url ?? "")) return false;
      isHeld = true;
      hold();
      void ended.then(() => {
        response.writeHead(200, { "content-type": "application/json" }).end('{"status":"in_progress"}');
      });
      return true;
    },
  });
  const result = await bench.for(server).run(generate(), bench.context());

  expect(await pictures(result)).toHaveLength(1);
});

describe("a socket that has gone deaf (recordings 14 and 19)", () => {
  it("was heard of no more on the real server, though it stayed open", () => {
    const lines = readRecording("14-ws-same-id-twice");
    const closed = lines.findIndex((line) => line["ws"] === "close" && line["who"] === "old");
    const notes = lines.map((line) => String(line["note"] ?? ""));

    expect(lines.slice(closed).filter((line) => line["ws"] === "recv")).toEqual([]);
    expect(notes.some((note) => note.includes("messages after the old one closed: 0 (readyState 1)"))).toBe(
      true,
    );
    expect(
      readRecording("19-slow-consumer").some((line) => line["note"] === "fast run in history: true"),
    ).toBe(true);
  });

  it("does not keep a run from being finished", async () => {
    const server = await bench.replay("02-success-n1", { before: (_message, index) => index < 5 });
    const result = await bench.for(server, { silenceMs: 60 }).run(generate(), bench.context());

    expect(await pictures(result)).toHaveLength(1);
  });

  it("is ended before another is opened, so that its end cannot deafen that one", async () => {
    const server = await bench.replay("02-success-n1", {
      async before(_message, index) {
        if (index !== 6) return true;
        await server.joined();
        return true;
      },
    });
    const ctx = bench.context();
    await bench.for(server, { silenceMs: 40 }).run(generate({ extra: { steps: 6 } }), ctx);

    expect(server.clients.length).toBeGreaterThan(1);
    expect(new Set(server.clients).size).toBe(1);
    expect(bench.overlaps.every((open) => open === 0)).toBe(true);
    expect(stepsOf(ctx.told).at(-1)).toBe(6);
  });
});

it("takes a new client id once no run is open, since the end of a lingering socket would deafen the old one", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);
  await provider.run(generate(), bench.context());
  const gone = new Promise((resolve) => bench.sockets.at(-1)?.once("close", resolve));
  for (const socket of server.sockets()) socket.terminate();
  await gone;
  await provider.run(generate(), bench.context());

  expect(new Set(server.clients).size).toBe(2);
  expect(server.posts.map((post) => post["client_id"])).toEqual(server.clients);
});

describe("a server that restarts", () => {
  it("loses the run, which fails once and quickly; the next one works", async () => {
    const server = await bench.replay("15-server-restart", {
      runs: [0, 2],
      before(message) {
        if (server.posts.length > 1 || !String(message).includes('"value":2')) return true;
        server.forget();
        for (const socket of server.sockets()) socket.terminate();
        return false;
      },
    });
    const provider = bench.for(server);
    const error = await failure(provider.run(generate(), bench.context()));
    const result = await provider.run(generate(), bench.context());

    expect([error.fault, error.info.started]).toEqual(["unavailable", "yes"]);
    expect(error.message).not.toMatch(/127\.0\.0\.1/);
    expect(await pictures(result)).toHaveLength(1);
  });

  it("and stays away fails the run when it has been out of reach for long enough", async () => {
    const server = await bench.replay("02-success-n1", {
      async before(_message, index) {
        if (index === 5) void server.close();
        return index < 5;
      },
    });
    const error = await failure(bench.for(server, { unreachableMs: 100 }).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["unavailable", "yes"]);
  });
});
