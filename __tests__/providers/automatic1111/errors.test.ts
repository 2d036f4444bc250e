import { answer, json, type Reply, raw, silence, upstream } from "../../support/upstream";
import { type Bench, createBench, failure, generate, inputImage, pictures } from "./bench";
import { PIXEL } from "./web-ui";

let bench: Bench;
beforeEach(() => {
  bench = createBench({ firstByteMs: 600, idleMs: 200 });
});
afterEach(() => bench.close());

async function failing(reply: Reply) {
  const web = await bench.webUI();
  web.failure = reply;
  return failure(bench.provider(web).run(generate({ prompt: "a very secret prompt" }), bench.context()));
}

describe("what the server says of a failure", () => {
  it.each<[string, Reply, object]>([
    [
      "no memory left, by AUTOMATIC1111",
      json(500, {
        error: "OutOfMemoryError",
        detail: "",
        body: "",
        errors: "CUDA out of memory. Tried to allocate 9.00 GiB",
      }),
      {
        fault: "overloaded",
        message: "The server ran out of memory.",
        info: { started: "yes", status: 500 },
      },
    ],
    [
      "no memory left, by Forge without its page",
      json(500, { error: "OutOfMemoryError", detail: "", body: "", message: "CUDA out of memory." }),
      { fault: "overloaded", info: { started: "yes" } },
    ],
    [
      "Forge's two words",
      answer(500, "Internal Server Error", { "content-type": "text/plain" }),
      { fault: "unavailable", info: { started: "maybe", status: 500 } },
    ],
    [
      "an exception",
      json(500, { error: "RuntimeError", detail: "", body: "", errors: "/srv/models/x.ckpt is broken" }),
      { fault: "unavailable", message: "the upstream failed", info: { started: "maybe" } },
    ],
    [
      "a value that FastAPI refuses",
      json(422, {
        detail: [{ loc: ["body", "steps"], msg: "value is not a valid integer", type: "type_error" }],
      }),
      {
        fault: "invalid_request",
        message: "value is not a valid integer",
        info: { started: "no", status: 422 },
      },
    ],
    [
      "a sampler that is not there",
      json(400, { error: "HTTPException", detail: "Sampler not found", body: "", errors: "" }),
      { fault: "invalid_request", info: { started: "no", param: "sampler_name" } },
    ],
    [
      "a sampler that is not there, by older versions",
      json(404, { detail: "Sampler not found" }),
      { fault: "invalid_request", info: { started: "no", param: "sampler_name" } },
    ],
    [
      "a picture that cannot be read",
      json(500, { detail: "Invalid encoded image" }),
      { fault: "invalid_request", info: { started: "no", param: "image" } },
    ],
    [
      "no such route",
      json(404, { detail: "Not Found" }),
      { fault: "misconfigured", info: { started: "no", cause: expect.stringContaining("--api") } },
    ],
    [
      "a refused login",
      json(401, { detail: "Incorrect username or password" }),
      { fault: "auth", info: { started: "no" } },
    ],
    [
      "a proxy's page",
      answer(502, "<html>Bad Gateway</html>"),
      { fault: "unavailable", info: { started: "maybe" } },
    ],
    ["a redirect", answer(302, "", { location: "http://elsewhere.invalid" }), { fault: "misconfigured" }],
    ["a login page", answer(200, "<html>"), { fault: "protocol", info: { started: "yes" } }],
    ["an empty success", answer(200, ""), { fault: "protocol", info: { started: "yes" } }],
    [
      "half an answer",
      raw('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"images":['),
      { fault: "protocol", info: { started: "yes" } },
    ],
    ["a broken connection", raw("", "reset"), { fault: "unavailable", info: { started: "maybe" } }],
    ["silence", silence, { fault: "timeout", info: { started: "maybe" } }],
    [
      "silence in the middle",
      raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", "stay"),
      { fault: "timeout", info: { started: "yes" } },
    ],
  ])("is understood: %s", async (_name, reply, expected) => {
    const error = await failing(reply);
    expect(error).toMatchObject(expected);
    expect(error.message).not.toBe("");
    expect(error.message).not.toMatch(/srv|elsewhere|GiB/);
  });

  it("is not repeated where it repeats our words", async () => {
    const error = await failing((request, response) =>
      json(400, { detail: `cannot draw ${Object(request.json()).prompt} at ${request.headers.host}` })(
        request,
        response,
      ),
    );
    expect(error.message).toContain("cannot draw");
    expect(error.message).not.toContain("secret prompt");
    expect(error.message).not.toContain("127.0.0.1");
  });
});

describe("a server", () => {
  it("that is not there has begun nothing", async () => {
    const gone = await upstream(silence);
    await gone.close();
    const error = await failure(bench.provider(gone).run(generate(), bench.context()));
    expect(error).toMatchObject({ fault: "unavailable", info: { started: "no" } });
  });

  it("that goes away between the question and the work has begun nothing", async () => {
    const web = await bench.webUI();
    const provider = bench.provider(web, {}, { holdMs: 60_000 });
    await provider.run(generate(), bench.context());
    await web.close();
    // A connection that was kept may break as if it had carried the request.
    const fresh = createBench();
    const error = await failure(provider.run(generate(), bench.context({ http: fresh.http })));
    await fresh.close();
    expect(error).toMatchObject({ fault: "unavailable", info: { started: "no" } });
  });

  it("that drops the connection of a request that failed does not spoil the next", async () => {
    const web = await bench.webUI();
    web.failure = (request, response) => {
      response.on("finish", () => response.socket?.destroy());
      return answer(500, "Internal Server Error")(request, response);
    };
    const provider = bench.provider(web);
    const error = await failure(provider.run(generate(), bench.context()));
    expect(error.fault).toBe("unavailable");
    web.failure = undefined;
    expect(await pictures(await provider.run(generate(), bench.context()))).toHaveLength(1);
    expect(web.connections()).toBe(web.requests.length);
  });

  it("that does not answer questions has begun nothing", async () => {
    const slow = createBench();
    try {
      const server = await slow.upstream(silence);
      const error = await failure(
        slow.provider(server, {}, { answerMs: 40 }).run(generate(), slow.context()),
      );
      expect(error).toMatchObject({ fault: "timeout", info: { started: "no" } });
    } finally {
      await slow.close();
    }
  });

  it("that fails at its list of models is not sent work that it may do with another", async () => {
    const web = await bench.webUI();
    web.routes.set("/sdapi/v1/sd-models", answer(500, "Internal Server Error"));
    const error = await failure(bench.provider(web).run(generate(), bench.context()));
    expect(error).toMatchObject({ fault: "unavailable", info: { started: "no", status: 500 } });
    expect(web.calls()).toBe(0);
  });

  it("that sends more than pictures can be is cut off", async () => {
    const web = await bench.webUI();
    web.failure = answer(200, Buffer.alloc(8_000_000, 32), { "content-type": "application/json" });
    const provider = bench.provider(web, { maxImageBytes: 1_000_000 });
    const error = await failure(provider.run(generate(), bench.context()));
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });

  it("that sends a picture of the largest size is understood", async () => {
    const web = await bench.webUI();
    web.failure = json(200, { images: [Buffer.alloc(1_000_000).toString("base64")], info: "" });
    const provider = bench.provider(web, { maxImageBytes: 1_000_000 });
    expect(await pictures(await provider.run(generate(), bench.context()))).toHaveLength(1);
  });

  it("is not waited for by one whose picture cannot be read again", async () => {
    const web = await bench.webUI();
    let opens = 0;
    const image = {
      ...inputImage(PIXEL),
      async *open() {
        opens += 1;
        if (opens > 1) throw new Error("the file is gone");
        yield PIXEL;
      },
    };
    const error = await failure(
      bench.provider(web).run({ ...generate(), op: "edit", images: [image] }, bench.context()),
    );
    expect(error.message).not.toContain("the file is gone");
    expect(web.calls()).toBe(0);
  });
});
