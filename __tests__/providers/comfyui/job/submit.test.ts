import { createBench, failure, generate, pictures, QUICK } from "../bench";

const bench = createBench();
afterAll(() => bench.close());

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

  it.each([429, 502, 503, 504])(
    "that a proxy gives instead (%i) is safe to repeat, once the server is sure not to have the run",
    async (status) => {
      const server = await bench.replay("02-success-n1", {
        meddle(request, response) {
          if (request.method !== "POST" || request.url !== "/api/prompt") return false;
          response.writeHead(status, { "content-type": "application/json" }).end('{"error":"proxy"}');
          return true;
        },
      });
      const error = await failure(bench.for(server).run(generate(), bench.context()));

      expect([error.fault, error.info.started]).toEqual(["unavailable", "no"]);
    },
  );

  it("is looked for again when the server is out of reach for a moment", async () => {
    let refusals = 3;
    let hasTaken = false;
    const server = await bench.replay("02-success-n1", {
      meddle(request, response) {
        if (request.method === "POST" && request.url === "/api/prompt") {
          hasTaken = true;
          response.writeHead = () => response;
          response.end = () => response;
          setImmediate(() => request.socket.destroy());
          return false;
        }
        if (!hasTaken || refusals-- <= 0) return false;
        request.socket.destroy();
        return true;
      },
    });
    const result = await bench.for(server).run(generate(), bench.context());

    expect(await pictures(result)).toHaveLength(1);
    expect(server.posts).toHaveLength(1);
  });

  it("may never come: nobody knows then whether the work was begun", async () => {
    const server = await bench.replay("02-success-n1", {
      meddle(request) {
        if (request.method === "POST" && request.url === "/api/prompt") void server.close();
        else return false;
        request.socket.destroy();
        return true;
      },
    });
    const error = await failure(bench.for(server, { unreachableMs: 100 }).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["unavailable", "maybe"]);
  });

  it("is not looked for any more when the caller has left and the provider is closed", async () => {
    const controller = new AbortController();
    const server = await bench.replay("02-success-n1", {
      meddle(request) {
        if (request.method === "POST" && request.url === "/api/prompt") controller.abort(new Error("bye"));
        request.socket.destroy();
        return true;
      },
    });
    const provider = bench.for(server);
    const error = await failure(provider.run(generate(), bench.context({}, controller)));
    await provider.close();
    // What was on its way when it was closed may still arrive.
    await new Promise((resolve) => setTimeout(resolve, 5 * QUICK.pollMs));
    const asked = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 5 * QUICK.pollMs));

    expect(error.fault).toBe("cancelled");
    expect(server.requests).toHaveLength(asked);
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
