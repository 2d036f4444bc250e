import { createBench, failure, generate, pictures } from "../bench";

const bench = createBench();
afterAll(() => bench.close());

/** A server that says so many runs wait there. */
const busy = (depth: () => number) =>
  bench.replay("02-success-n1", {
    meddle(request, response) {
      if (request.url !== "/api/prompt" || request.method !== "GET") return false;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ exec_info: { queue_remaining: depth() } }));
      return true;
    },
  });

it("a job goes to the server with the shortest queue, and its reference names that server without its address", async () => {
  const [full, idle] = [await busy(() => 3), await busy(() => 0)];
  const provider = bench.provider({ url: [full.url, idle.url], workflows: { m: full.graph } });
  const ctx = bench.context();
  await provider.run(generate(), ctx);

  expect([full.posts.length, idle.posts.length]).toEqual([0, 1]);
  expect(JSON.stringify(ctx.refs)).not.toContain("127.0.0.1");
});

it("jobs that come at once are spread, though no queue shows the others yet", async () => {
  const servers = [await busy(() => 0), await busy(() => 0)];
  const provider = bench.provider({
    url: servers.map(({ url }) => url),
    workflows: { m: servers[0]?.graph ?? {} },
  });
  await Promise.all([0, 1, 2, 3].map(() => provider.run(generate(), bench.context())));

  expect(servers.map(({ posts }) => posts.length)).toEqual([2, 2]);
});

it("a dead server is left out, and taken again when it is back", async () => {
  let isDead = true;
  const live = await busy(() => 5);
  const dead = await bench.replay("02-success-n1", {
    meddle(request) {
      if (isDead) request.socket.destroy();
      return isDead;
    },
  });
  const provider = bench.provider({ url: [dead.url, live.url], workflows: { m: live.graph } }, { restMs: 1 });
  await provider.run(generate(), bench.context());
  await provider.run(generate(), bench.context());
  expect([dead.posts.length, live.posts.length]).toEqual([0, 2]);
  expect(await provider.health?.(bench.context())).toMatchObject({
    status: "degraded",
    reason: "1 of 2 servers answer",
  });

  isDead = false;
  await provider.run(generate(), bench.context());
  expect([dead.posts.length, live.posts.length]).toEqual([1, 2]);
});

it("a server that cannot be reached once it was chosen is passed over", async () => {
  const live = await busy(() => 5);
  const dying = await busy(() => 0);
  const chosen = await bench.replay("02-success-n1", {
    meddle(request, response) {
      if (request.method === "GET") return false;
      response.destroy();
      return true;
    },
  });
  await dying.close();
  const provider = bench.provider({ url: [dying.url, live.url, chosen.url], workflows: { m: live.graph } });
  const result = await provider.run(generate(), bench.context());

  expect(await pictures(result)).toHaveLength(1);
});

it("cancel and resume go to the server that has the run", async () => {
  const [full, idle] = [await busy(() => 3), await busy(() => 0)];
  const provider = bench.provider({ url: [full.url, idle.url], workflows: { m: full.graph } });
  const ctx = bench.context();
  await provider.run(generate(), ctx);
  const [ref] = ctx.refs;
  if (ref === undefined) throw new Error("no ref");
  await provider.cancel?.(ref, bench.context());
  await provider.resume?.(ref, generate(), bench.context());

  const asked = (server: typeof full) => server.requests.some(({ line }) => line.includes(ref.id));
  expect([asked(full), asked(idle)]).toEqual([false, true]);
});

it("a server that lacks a node is left out until it has been examined again", async () => {
  const other = await busy(() => 5);
  const lacking = await bench.replay("20-old-version-0.3.64", { runs: [1, 0], isOld: true });
  const workflows = { m: other.graph };
  const provider = bench.provider({ url: [lacking.url, other.url], workflows }, { checkMs: 0 });
  await provider.run(generate(), bench.context());
  await provider.run(generate(), bench.context());
  expect([lacking.posts.length, other.posts.length]).toEqual([1, 2]);

  await provider.health?.(bench.context());
  await provider.run(generate(), bench.context());
  expect([lacking.posts.length, other.posts.length]).toEqual([2, 2]);
});

it("when all refuse the gateway that is what is told", async () => {
  const refusing = () =>
    bench.replay("02-success-n1", {
      meddle(_request, response) {
        response.writeHead(401).end();
        return true;
      },
    });
  const servers = [await refusing(), await refusing()];
  const url = servers.map((server) => server.url);
  const provider = bench.provider({ url, workflows: { m: servers[0]?.graph ?? {} } });
  const error = await failure(provider.run(generate(), bench.context()));

  expect([error.fault, error.info.started]).toEqual(["auth", "no"]);
});
