import { createBench } from "../bench";

const bench = createBench();
afterAll(() => bench.close());

const edited = (graph: object, id: string, change: Record<string, unknown>): Record<string, unknown> => {
  const copy = JSON.parse(JSON.stringify(graph));
  const inputs = { ...copy[id].inputs, ...Object(change["inputs"]) };
  Object.assign(copy[id], change, { inputs });
  return copy;
};

it("a workflow that fits its server is well, and its card is there", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);

  expect((await provider.models(bench.context())).map(({ id }) => id)).toEqual(["m"]);
  expect(await provider.health?.(bench.context())).toMatchObject({ status: "up", queueDepth: 0 });
});

it.each([
  [
    "4",
    { inputs: { ckpt_name: "nope.safetensors" } },
    {},
    /"m": node "Load Checkpoint" \(4, CheckpointLoaderSimple\) asks at "ckpt_name" for "nope\.safetensors".*install it/,
  ],
  [
    "8",
    { class_type: "NopeDecode" },
    {},
    /\(8, NopeDecode\) is of a class that the server does not have: install the custom node/,
  ],
  [
    "3",
    { inputs: { stepz: 1 } },
    { steps: "3.stepz" },
    /"steps" is bound to "stepz" of node "KSampler" \(3, KSampler\), which takes no such input/,
  ],
])(
  "one that does not fit is told to the log and to health, with node, input and remedy: node %s",
  async (id, change, bindings, message) => {
    const server = await bench.replay("02-success-n1");
    const workflows = { m: { workflow: edited(server.graph, id, change), bindings } };
    const provider = bench.for(server, {}, { workflows });
    bench.logged.length = 0;
    const cards = await provider.models(bench.context());
    const health = await provider.health?.(bench.context());

    expect(cards).toHaveLength(1);
    expect(health?.status).toBe("degraded");
    expect(health?.reason).toMatch(message);
    expect(bench.logged.map(({ message: text }) => text)).toEqual([expect.stringMatching(message)]);
  },
);

it("a server that does not answer is down, and keeps no model from being listed", async () => {
  const server = await bench.replay("02-success-n1");
  const provider = bench.for(server);
  await server.close();

  expect(await provider.models(bench.context())).toHaveLength(1);
  expect(await provider.health?.(bench.context())).toEqual({
    status: "down",
    reason: "0 of 1 servers answer",
  });
});

it.each([
  [401, "it refuses the gateway: give what the proxy before it asks for in headers"],
  [200, "it answers like no ComfyUI: look at url"],
])(
  "what answers %i in its place is told to the operator, and no workflow is blamed for it",
  async (status, reason) => {
    const server = await bench.replay("02-success-n1", {
      meddle(_request, response) {
        response.writeHead(status, { "content-type": "text/html" }).end("<title>Sign in</title>");
        return true;
      },
    });
    const provider = bench.for(server);
    bench.logged.length = 0;

    expect(await provider.models(bench.context())).toHaveLength(1);
    expect(await provider.health?.(bench.context())).toMatchObject({ status: "degraded", reason });
    expect(bench.logged).toEqual([]);
  },
);
