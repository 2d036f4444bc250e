import type { TaskFields } from "../../../lib/ports/task";
import { refusal } from "../../../lib/providers/comfyui/job/refusal";
import type { WorkflowBindings } from "../../../lib/providers/comfyui/workflow/bindings";
import { createWorkflow } from "../../../lib/providers/comfyui/workflow/workflow";
import { createBench, failure, generate, pictures } from "./bench";
import { readRecording, recordedRuns } from "./recording";

const bench = createBench();
afterAll(() => bench.close());

const cases = readRecording("07-validation-errors")
  .filter((line) => line["note"] !== undefined)
  .map((line) => String(line["note"]).replace(/^case: /, ""));
const runs = recordedRuns(readRecording("07-validation-errors"));
const runOf = (name: string) => runs.findIndex((_, index) => cases[index] === name);

/** A provider that fills a good workflow, with a real server's answer before it. */
async function facing(name: string, bindings: WorkflowBindings = { sampler: "3.sampler_name" }) {
  const at = runOf(name);
  const server = await bench.replay("07-validation-errors", { runs: [at] });
  const [good] = recordedRuns(readRecording("02-success-n1"));
  const workflow = isAccepted(at) ? runs[at]?.graph : good?.graph;
  return {
    server,
    provider: bench.for(server, {}, { workflows: { m: { workflow: workflow ?? {}, bindings } } }),
  };
}

const isAccepted = (at: number): boolean => runs[at]?.status === 200;

async function refused(name: string, task: Partial<TaskFields> = {}) {
  const { provider } = await facing(name);
  return failure(provider.run(generate(task), bench.context()));
}

const VALUES = { seed: 1, extra: { sampler: "nope", steps: 9 } };

const CALLERS = [
  ["steps too large", "steps", /limit of 10000/],
  ['steps as text "abc"', "steps", /wrong type/],
  ["seed -1", "seed", /limit of 0/],
  ["seed 2^64", "seed", /limit/],
  ["sampler not in list", "sampler", /does not know it/],
  ["batch_size 0", "n", /limit of 1/],
] as const;
const OPERATORS = [
  "checkpoint not in list",
  "unknown class_type",
  "node without class_type",
  "link to a node that does not exist",
  "link type mismatch",
  "required input missing",
  "no output node",
  "empty prompt object",
  "no prompt key",
  "body is a JSON list",
  "prompt_id not a UUID",
  "prompt_id upper case UUID",
  "cycle",
];
const OURS = ["prompt is a list", "body is not JSON"];
const TAKEN = [
  "width 130 (step is 8)",
  'steps as text "2" (is it coerced?)',
  "extra unknown input on a node (ignored?)",
];
const HALF = "two outputs, one invalid: 200 with node_errors";

it("every recorded case has its place here", () => {
  expect(cases.length).toBe(runs.length);
  const placed = [...CALLERS.map(([name]) => name), ...OPERATORS, ...OURS, ...TAKEN, HALF];
  expect([...placed].sort()).toEqual([...cases].sort());
});

describe("what the server refuses", () => {
  it.each(CALLERS)("is the caller's to change when the value was his: %s", async (name, param, message) => {
    const error = await refused(name, VALUES);

    expect(error.fault).toBe("invalid_request");
    expect(error.info).toMatchObject({ param, started: "no" });
    expect(error.message).toMatch(message);
  });

  it.each(OPERATORS)(
    "is the operator's to mend else, and nothing of it is told to callers: %s",
    async (name) => {
      const error = await refused(name);

      expect(error.fault).toBe("misconfigured");
      expect(error.info.started).toBe("no");
      expect(`${error.message}${JSON.stringify(error.info)}`).not.toMatch(
        /safetensors|\/opt|\/srv|Traceback|euler/,
      );
    },
  );

  it.each(OURS)("is our own fault when it cannot read it: %s", async (name) => {
    const error = await refused(name);

    expect([error.fault, error.info.started]).toEqual(["internal", "no"]);
  });

  it.each(TAKEN)("is not what it takes in silence: %s", async (name) => {
    const { provider } = await facing(name, { steps: false });

    expect(await pictures(await provider.run(generate(), bench.context()))).toHaveLength(1);
  });

  it("is not another output than the one that is served", async () => {
    const { provider } = await facing(HALF, { output: "9" });

    expect(await pictures(await provider.run(generate(), bench.context()))).toHaveLength(1);
  });

  it("is the output that is served: what runs of the others is stopped", async () => {
    const { provider, server } = await facing(HALF, { output: "10" });
    const ctx = bench.context();
    const error = await failure(provider.run(generate(), ctx));

    expect([error.fault, error.info.started]).toEqual(["misconfigured", "no"]);
    expect(server.requests.map(({ line }) => line)).toContain(`POST /api/jobs/${ctx.callKey}/cancel`);
  });

  it("is logged with workflow, node and input, without lists and paths", async () => {
    bench.logged.length = 0;
    await refused("checkpoint not in list");

    expect(bench.logged).toEqual([
      {
        message: "ComfyUI refused a workflow",
        about: {
          workflow: "m",
          error: "prompt_outputs_failed_validation",
          node: 'node "Load Checkpoint" (4, CheckpointLoaderSimple)',
          input: "ckpt_name",
          fault: "value_not_in_list",
        },
      },
    ]);
  });

  it("is the operator's when one of several values is not the caller's", () => {
    const workflow = createWorkflow("m", '"m"', recordedRuns(readRecording("02-success-n1"))[0]?.graph, {});
    const error = (input: string) => ({ type: "value_not_in_list", extra_info: { input_name: input } });
    const answer = {
      error: { type: "x" },
      node_errors: { 3: { errors: [error("steps"), error("scheduler")] } },
    };
    const filled = { prompt: {}, given: new Map([["3.steps", "steps"]]), seed: 1 };

    expect(refusal(answer, workflow, filled, bench.log).fault).toBe("misconfigured");
  });

  it("tells a missing node class of 0.3.64 as well, and tries the next server", async () => {
    const [, missing] = recordedRuns(readRecording("20-old-version-0.3.64"));
    expect(missing?.status).toBe(400);
    const [good] = recordedRuns(readRecording("02-success-n1"));
    const lacking = await bench.replay("20-old-version-0.3.64", { runs: [1], isOld: true });
    const other = await bench.replay("02-success-n1");
    const provider = bench.provider({
      url: [lacking.url, other.url],
      workflows: { m: { workflow: good?.graph ?? {} } },
    });
    await provider.run(generate(), bench.context());
    await provider.run(generate(), bench.context());
    await provider.run(generate(), bench.context());

    expect(lacking.posts.length).toBeLessThanOrEqual(1);
    expect(other.posts.length).toBe(3);
  });
});

describe("a run that fails", () => {
  it("names the class of the node, and no path", async () => {
    const server = await bench.replay("08-execution-error", { runs: [1] });
    const workflows = { m: { workflow: server.graph, bindings: { output: "9", image: false } } };
    const error = await failure(bench.for(server, {}, { workflows }).run(generate(), bench.context()));

    expect([error.fault, error.info.started]).toEqual(["internal", "yes"]);
    expect(error.message).toBe("The work failed in LoadImage.");
    expect(JSON.stringify(error.info)).not.toMatch(/srv|broken/);
  });

  it("is told the same by asking alone", async () => {
    const server = await bench.replay("08-execution-error", { runs: [1], isDeaf: true, isOld: true });
    const workflows = { m: { workflow: server.graph, bindings: { output: "9", image: false } } };
    const error = await failure(bench.for(server, {}, { workflows }).run(generate(), bench.context()));

    expect(error.message).toBe("The work failed in LoadImage.");
  });

  it("because the caller's file is no picture is his to change", async () => {
    const server = await bench.replay("08-execution-error", { runs: [0] });
    const image = {
      name: "x.png",
      type: "image/png",
      async *open() {
        yield Buffer.from("no picture");
      },
    };
    const error = await failure(
      bench.for(server).run({ ...generate(), op: "variation", images: [image] }, bench.context()),
    );

    expect(error.fault).toBe("invalid_request");
    expect(error.info.param).toBe("image");
  });

  it("for want of memory is told as overload", async () => {
    const server = await bench.replay("02-success-n1", {
      before(_message, index) {
        const data = {
          prompt_id: server.posts[0]?.["prompt_id"],
          node_id: "3",
          node_type: "KSampler",
          exception_type: "torch.OutOfMemoryError",
          exception_message: "CUDA out of memory at /opt/x",
        };
        if (index === 5)
          for (const socket of server.sockets())
            socket.send(JSON.stringify({ type: "execution_error", data }));
        return index < 5;
      },
    });
    const error = await failure(bench.for(server).run(generate(), bench.context()));

    expect([error.fault, error.message]).toEqual(["overloaded", "The server ran out of memory in KSampler."]);
  });

  it("goes on when only one of its branches was blocked", async () => {
    const server = await bench.replay("02-success-n1", {
      before(_message, index) {
        const data = {
          prompt_id: server.posts[0]?.["prompt_id"],
          node_id: "8",
          exception_type: "ExecutionBlocked",
        };
        if (index === 5)
          for (const socket of server.sockets())
            socket.send(JSON.stringify({ type: "execution_error", data }));
        return true;
      },
    });
    await expect(bench.for(server).run(generate(), bench.context())).resolves.toBeDefined();
  });
});

it("refuses a model that it has no workflow for", async () => {
  const server = await bench.replay("02-success-n1");
  const error = await failure(bench.for(server).run(generate({ model: "__proto__" }), bench.context()));

  expect(error.fault).toBe("not_found");
});

it.each([
  [{ steps: 151 }, "steps"],
  [{ steps: 1.5 }, "steps"],
  [{ steps: "20" }, "steps"],
  [{ cfg: Number.NaN }, "cfg"],
  [{ sampler: 7 }, "sampler"],
  [{ sampler: "\ud800" }, "sampler"],
  [{ sampler: "x".repeat(4001) }, "sampler"],
])("refuses values before anything is sent: %j", async (extra, param) => {
  const server = await bench.replay("02-success-n1");
  const workflows = { m: { workflow: server.graph, bindings: { sampler: "3.sampler_name" } } };
  const error = await failure(bench.for(server, {}, { workflows }).run(generate({ extra }), bench.context()));

  expect(error.fault).toBe("invalid_request");
  expect(error.info).toMatchObject({ param, started: "no" });
  expect(server.posts).toEqual([]);
});
