import { isObject } from "../../../lib/internal/json-shape";
import { createBench, failure, generate, pictures } from "./bench";
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
        while (server.sockets().length === 0) await new Promise((resolve) => setImmediate(resolve));
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
  expect(server.hellos.length).toBe(server.clients.length);
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
        const before = server.clients.length;
        while (server.clients.length === before) await new Promise((resolve) => setImmediate(resolve));
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
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["unavailable", "yes"]);
  });
});

describe("the answer to the graph", () => {
  it("is not waited for twice: a run whose answer was lost is looked up, and runs once", async () => {
    let isFirst = true;
    const server = await bench.replay("02-success-n1", {
      meddle(request, response) {
        if (!isFirst || request.method !== "POST" || request.url !== "/api/prompt") return false;
        isFirst = false;
        // The server takes it, and the connection breaks before its answer has gone out.
        response.writeHead = () => response;
        response.end = () => response;
        setImmediate(() => request.socket.destroy());
        return false;
      },
    });
    const result = await bench.for(server).run(generate(), bench.context());

    expect(await pictures(result)).toHaveLength(1);
    expect(server.posts).toHaveLength(1);
  });

  it("that a proxy swallowed is told as safe to repeat, once the server is sure not to have the run", async () => {
    const server = await bench.replay("02-success-n1", {
      meddle(request, response) {
        if (request.method !== "POST" || request.url !== "/api/prompt") return false;
        response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>");
        return true;
      },
    });
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["unavailable", "no"]);
  });

  it("may name another id: servers that know no ids of ours", async () => {
    const theirs = "0b9485e6-ba60-4656-a417-78e388729faf";
    const server = await bench.replay("02-success-n1", {
      isDeaf: true,
      meddle(request, response) {
        if (request.url === "/api/prompt" && request.method === "POST") {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify({ prompt_id: theirs, number: 0, node_errors: {} }));
          return true;
        }
        if (request.url !== `/api/jobs/${theirs}`) return false;
        const outputs = { 9: { images: [{ filename: "a.png", subfolder: "", type: "output" }] } };
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ id: theirs, status: "completed", outputs }));
        return true;
      },
    });
    const ctx = bench.context();
    const result = await bench.for(server).run(generate(), ctx);

    expect(result.meta().upstreamId).toBe(theirs);
    expect(ctx.refs.at(-1)?.id).toBe(theirs);
  });
});

describe("hostile answers", () => {
  const answering = (outputs: unknown, status = "completed") =>
    bench.replay("02-success-n1", {
      before: () => false,
      isDeaf: true,
      meddle(request, response) {
        if (!/^\/api\/jobs\/[0-9a-f-]{36}$/.test(request.url ?? "")) return false;
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ status, outputs }));
        return true;
      },
    });

  it.each([
    ["../secret.png", ""],
    ["/etc/x.png", ""],
    ["a\0.png", ""],
    [`${"x".repeat(10_240)}.png`, ""],
    ["a.png", "../.."],
    ["a.png", "/etc"],
    ["a.png", "x/../../y"],
    ["a\\b.png", ""],
    ["..", ""],
  ])("names of files that lead elsewhere are not followed: %j in %j", async (filename, subfolder) => {
    const server = await answering({ 9: { images: [{ filename, subfolder, type: "output" }] } });
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["protocol", "yes"]);
    expect(server.requests.some(({ line }) => line.includes("/view"))).toBe(false);
  });

  it.each([
    [
      { 9: { images: [{ filename: "a.mp4", subfolder: "", type: "output" }], animated: [true] } },
      "misconfigured",
      /mp4/,
    ],
    [{ 9: { text: ["x"] } }, "protocol", /no picture/],
    [null, "protocol", /no picture/],
    [{ 8: { images: [{ filename: "a.png", subfolder: "", type: "output" }] } }, "protocol", /no picture/],
  ])("outputs that hold no picture are refused by name: %j", async (outputs, fault, message) => {
    const server = await answering(outputs);
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect(error.fault).toBe(fault);
    expect(error.message).toMatch(message);
  });

  it("a status that no version knows ends the run at once", async () => {
    const server = await answering({}, "paused");
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect(error.fault).toBe("protocol");
  });

  it("frames that are short, unknown or too large disturb no run", async () => {
    const server = await bench.replay("02-success-n1", {
      before(_message, index) {
        const frames = [
          [],
          [0, 0, 0, 1],
          [0, 0, 0, 9, 0, 0, 0, 0, 1],
          [0, 0, 0, 4, 255, 255, 255, 255, 1],
          [0, 0, 0, 1, 0, 0, 0, 7, 1],
        ];
        for (const socket of server.sockets()) {
          for (const frame of frames) socket.send(Buffer.from(frame));
          socket.send("no json");
          socket.send('{"type":"progress","data":{"value":"x","max":null,"node":7}}');
          if (index === 6) socket.send(Buffer.alloc(200_000));
        }
        return true;
      },
    });
    const provider = bench.for(server, {}, { maxImageBytes: 65_536 });
    const result = await provider.run(generate({ extra: { steps: 6 } }), bench.context());

    expect(await pictures(result)).toHaveLength(1);
  });

  it("progress out of order, above its end, of nothing or of no number neither falls nor passes the end", async () => {
    const server = await bench.replay("02-success-n1", {
      before(message, index) {
        const id = isObject(JSON.parse(typeof message === "string" ? message : "{}"))
          ? server.posts[0]?.["prompt_id"]
          : "";
        const odd = [
          [900, 6],
          [2, 0],
          [-5, 6],
          ["x", 6],
          [1, 6],
          [1, null],
        ] as const;
        if (index !== 12) return true;
        for (const socket of server.sockets()) {
          for (const [value, max] of odd) {
            socket.send(JSON.stringify({ type: "progress", data: { value, max, prompt_id: id, node: "3" } }));
          }
        }
        return true;
      },
    });
    const ctx = bench.context();
    await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);

    const fractions = ctx.told.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
    expect(ctx.told.every(({ step = 0, steps = 6 }) => step <= steps)).toBe(true);
  });
});

it("asks again for a picture whose connection broke before it began, and says when it is gone", async () => {
  let views = 0;
  const server = await bench.replay("02-success-n1", {
    meddle(request, response) {
      if (!request.url?.startsWith("/api/view")) return false;
      if (views++ === 0) {
        request.socket.destroy();
        return true;
      }
      if (views === 2) return false;
      response.writeHead(404).end();
      return true;
    },
  });
  const result = await bench.for(server).run(generate(), bench.context());

  expect((await pictures(result))[0]?.length).toBeGreaterThan(100);
  expect(views).toBe(2);
  const error = await failure(pictures(result));
  expect([error.fault, error.info.started]).toEqual(["protocol", "yes"]);
  expect(error.message).toContain("no longer");
});
