import { isObject } from "../../../lib/internal/json-shape";
import { type HttpClient, HttpError } from "../../../lib/ports/http-client";
import { createBench, failure, generate, pictures } from "./bench";

const bench = createBench();
afterAll(() => bench.close());

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

  it("an answer without end is not asked for again", async () => {
    const server = await bench.replay("02-success-n1", { isDeaf: true });
    let asked = 0;
    const http: HttpClient = {
      async request(request) {
        if (!request.url.includes("/api/jobs")) return bench.http.request(request);
        asked += 1;
        throw new HttpError("too_large", "maybe", "the answer is larger than allowed");
      },
    };
    const error = await failure(bench.for(server).run(generate(), bench.context({ http })));

    expect([error.fault, error.info.started]).toEqual(["protocol", "yes"]);
    expect(asked).toBe(1);
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
