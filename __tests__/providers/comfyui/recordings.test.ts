import { isObject, listMember, member, numberMember } from "../../../lib/internal/json-shape";
import { createBench, failure, generate, pictures } from "./bench";
import { answerTo, type Line, notes, readRecording, recordedRuns } from "./recording";

const bench = createBench();
afterAll(() => bench.close());

const stepsOf = (told: readonly { step?: number }[]) => [
  ...new Set(told.map(({ step }) => step).filter((step) => step !== undefined)),
];

const typeOf = (line: Line): unknown => member(line["json"], "type");

it("01: the first word on a socket is the one that the server heeds", async () => {
  const lines = readRecording("01-handshake").filter((line) => line["who"] === "withId");
  const asked = lines.filter((line) => line["ws"] === "send").map((line) => JSON.stringify(line["json"]));
  const answers = lines.filter((line) => line["ws"] === "recv" && typeOf(line) === "feature_flags");
  const server = await bench.replay("02-success-n1");
  await bench.for(server).run(generate(), bench.context());

  expect(answers).toHaveLength(1);
  expect(server.hellos).toEqual(asked.slice(0, 1));
});

describe("05: pictures that come over the socket without the name of their run", () => {
  it.each([
    ["as they are made", 0, 3],
    ["made again though all before them is cached", 1, 0],
  ])("are told from previews: %s", async (_title, run, previews) => {
    const server = await bench.replay("05-save-image-websocket", { runs: [run] });
    const ctx = bench.context();
    const made = await pictures(await bench.for(server).run(generate({ n: 2 }), ctx));

    expect(made.map((picture) => picture.toString("latin1", 1, 4))).toEqual(["PNG", "PNG"]);
    expect(ctx.told.flatMap(({ preview }) => (preview === undefined ? [] : [preview.type]))).toEqual(
      Array(previews).fill("image/jpeg"),
    );
  });
});

it("11: two gateways on one server hear their own runs", async () => {
  const [a, b] = recordedRuns(readRecording("11-two-clients"));
  const named = (run: typeof a) => run?.messages.filter((message) => message.includes(`"prompt_id"`)) ?? [];
  const server = await bench.replay("11-two-clients");
  const contexts = [bench.context(), bench.context()];
  await Promise.all(contexts.map((ctx) => bench.for(server).run(generate({ extra: { steps: 3 } }), ctx)));

  expect([named(a).length, named(b).length].every((count) => count > 10)).toBe(true);
  expect(named(a).some((message) => message.includes(String(b?.promptId)))).toBe(false);
  expect(new Set(server.clients).size).toBe(2);
  expect(server.posts.map((post) => post["client_id"])).toEqual(server.clients);
  for (const { told } of contexts) expect(stepsOf(told)).toEqual([0, 1, 2, 3]);
});

describe("13: a socket that drops", () => {
  /** What the server says to a socket that has just come back. */
  const isGreeting = (message: string | Buffer, index: number) => index > 1 && message.includes('"sid"');

  it("in a run comes back, asks for metadata anew and goes on where the server is", async () => {
    const server = await bench.replay("13-ws-drop-reconnect", {
      runs: [0],
      async before(message, index) {
        if (!isGreeting(message, index)) return true;
        for (const socket of server.sockets()) socket.terminate();
        await server.joined();
        return false;
      },
    });
    const ctx = bench.context();
    const made = await pictures(await bench.for(server).run(generate({ extra: { steps: 14 } }), ctx));

    expect(made).toHaveLength(1);
    expect(server.clients).toHaveLength(3);
    expect(new Set(server.clients).size).toBe(1);
    expect(server.hellos.length).toBeGreaterThan(1);
    expect(stepsOf(ctx.told)).toEqual(Array.from({ length: 15 }, (_, step) => step));
  });

  it("and comes back after the end hears nothing more of the run, which is asked for", async () => {
    const server = await bench.replay("13-ws-drop-reconnect", {
      runs: [1],
      before(message, index) {
        if (isGreeting(message, index + 2)) for (const socket of server.sockets()) socket.terminate();
        return false;
      },
    });
    const [, late] = recordedRuns(readRecording("13-ws-drop-reconnect"));

    expect(late?.messages.some((message) => message.includes("execution_"))).toBe(false);
    expect(await pictures(await bench.for(server).run(generate(), bench.context()))).toHaveLength(1);
  });
});

it("16: an id of our own is taken, and twice the same id runs twice: a graph is never sent again to be sure", async () => {
  const lines = readRecording("16-prompt-id");
  const [own, again] = recordedRuns(lines);
  const history = member(answerTo(lines, `GET /history/${own?.promptId}`)["json"], String(own?.promptId));
  const server = await bench.replay("16-prompt-id", { runs: [0] });
  const ctx = bench.context();
  const result = await bench.for(server).run(generate({ extra: { steps: 6 } }), ctx);

  expect(again?.promptId).toBe(own?.promptId);
  expect(listMember(history, "prompt")[0]).toBe(numberMember(again?.answer, "number"));
  expect(result.meta().upstreamId).toBe(ctx.callKey);
});

describe("18: uploads", () => {
  const uploads = readRecording("18-http-misc").filter(
    (line) => line["http"] === "res" && line["path"] === "/upload/image",
  );
  const graph = {
    1: { class_type: "LoadImage", inputs: { image: "example.png" } },
    9: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "x" } },
  };
  const image = {
    name: "in.png",
    type: "image/png",
    async *open() {
      yield Buffer.from("picture");
    },
  };

  it.each([
    ["in (1).png", "in (1).png [temp]"],
    ["jobs/j1", "jobs/j1/in.png [temp]"],
  ])("are called what the server calls them: %s", async (part, name) => {
    const answer = uploads.find((line) => JSON.stringify(line["json"] ?? {}).includes(part));
    const server = await bench.replay("02-success-n1", {
      meddle(request, response) {
        if (request.url !== "/api/upload/image") return false;
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer?.["json"]));
        return true;
      },
    });
    const provider = bench.for(server, {}, { workflows: { m: { workflow: graph } } });
    await provider.run({ ...generate(), op: "variation", images: [image] }, bench.context());

    expect(server.posts[0]?.["prompt"]).toMatchObject({ 1: { inputs: { image: name } } });
  });
});

it.each([
  [413, "misconfigured"],
  [403, "auth"],
])("18: a graph that is turned away with %i has not begun", async (status, fault) => {
  const answer = readRecording("18-http-misc").find((line) => line["status"] === status);
  const server = await bench.replay("02-success-n1", {
    meddle(request, response) {
      if (request.method !== "POST" || request.url !== "/api/prompt") return false;
      response.writeHead(Number(answer?.["status"])).end(String(answer?.["text"] ?? ""));
      return true;
    },
  });
  const error = await failure(bench.for(server).run(generate(), bench.context()));

  expect([error.fault, error.info.started]).toEqual([fault, "no"]);
});

it.each(["21-preview-method-override", "22-preview-none-default"])(
  "%s: previews are asked for in words that bring them, whatever the server was started with",
  async (name) => {
    const lines = readRecording(name);
    const counts = notes(lines).flatMap((note) => /^binary frames: (\d+)/.exec(note)?.[1] ?? []);
    const methods = lines
      .filter((line) => line["http"] === "req")
      .map((line) => member(member(line["json"], "extra_data"), "preview_method"));
    const silent = methods.filter((_, index) => counts[index] === "0");
    const server = await bench.replay(name);
    await bench.for(server).run(generate(), bench.context());
    const [post] = server.posts;
    const asked = isObject(post) ? member(post["extra_data"], "preview_method") : undefined;

    expect(counts).toEqual(["0", "2"]);
    expect(silent).toEqual([expect.stringMatching(/^(?:none|default)$/)]);
    expect(asked).toBe("auto");
    expect(silent).not.toContain(asked);
  },
);
