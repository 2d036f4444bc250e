import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Ajv from "ajv";
import { signalled } from "../support/gate";
import { generate, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { picture, pictures, scriptedProvider } from "../support/scripted-provider";

const ajv = new Ajv({ allowUnionTypes: true });
const blocks = new Map<string, unknown>();

beforeAll(async () => {
  const page = await readFile(join(__dirname, "../../docs/jobs.md"), "utf8");
  for (const [, name, text] of page.matchAll(/^```json (\S+)\n(.*?)^```/gms)) {
    blocks.set(String(name), JSON.parse(String(text)));
  }
});

function faultsOf(name: string, value: unknown): unknown {
  const schema = blocks.get(`schema=${name}`);
  if (typeof schema !== "object" || schema === null) throw new Error(`no schema of ${name}`);
  const check = ajv.compile(schema);
  check(value);
  return check.errors ?? [];
}

const NAMES = ["job", "list", "preview", "deleted", "notice"];

it.each(NAMES)("has an example of a %s that is one", (name) => {
  expect(faultsOf(name, blocks.get(`example=${name}`))).toEqual([]);
});

it.each(NAMES)("has a schema of a %s that something fails", (name) => {
  expect(faultsOf(name, { id: 5 })).not.toEqual([]);
});

describe("what the gateway really says", () => {
  let host: TestHost;
  afterEach(() => host.close());

  const ask = (path: string, method = "GET", headers: Record<string, string> = {}) =>
    fetch(`${host.url}/v1/images${path}`, {
      method,
      headers: { authorization: "Bearer sk-ann", ...headers },
    });

  it("is as the schemas say", async () => {
    const go = signalled();
    const bytes = await picture();
    const provider = scriptedProvider(
      async (task, context) => {
        await go.promise;
        const preview = { type: "image/png", bytes };
        context.progress({ phase: "sampling", step: 1, steps: 2, preview });
        return pictures(task.n);
      },
      { previews: true },
    );
    host = await startHost({ providers: [provider] });
    const accepted = await jsonOf(await generate(host, PROMPT, { prefer: "respond-async" }));
    const events = await ask(`/jobs/${accepted.id}/events?previews=1`);
    go.resolve();
    const text = await events.text();
    const told = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, name, data]) => ({
      name: name === "progress" ? "job" : String(name),
      data: JSON.parse(String(data)),
    }));
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(["job", "preview"]));
    for (const { name, data } of told) expect(faultsOf(name, data)).toEqual([]);

    const ended = await jsonOf(await ask(`/jobs/${accepted.id}`));
    expect(ended.status).toBe("completed");
    for (const job of [accepted, ended]) expect(faultsOf("job", job)).toEqual([]);
    expect(faultsOf("list", await jsonOf(await ask("/jobs")))).toEqual([]);
    expect(faultsOf("deleted", await jsonOf(await ask(`/jobs/${accepted.id}`, "DELETE")))).toEqual([]);
  });
});
