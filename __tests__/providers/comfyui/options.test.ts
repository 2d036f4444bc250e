import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { comfyui } from "../../../lib/providers/comfyui";
import { resolveOptions } from "../../../lib/providers/comfyui/options";
import { readRecording, recordedRuns } from "./recording";

const graph = recordedRuns(readRecording("02-success-n1"))[0]?.graph ?? {};
const url = "http://127.0.0.1:8188/comfy/";
const folder = mkdtempSync(join(tmpdir(), "comfyui-options-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("makes a model of each file of a folder, named after it", () => {
  for (const name of ["sdxl.json", "flux-dev.json"]) writeFileSync(join(folder, name), JSON.stringify(graph));
  writeFileSync(join(folder, "notes.txt"), "x");
  const { models, urls, id } = resolveOptions({ url, workflows: folder });

  expect([...models.keys()]).toEqual(["flux-dev", "sdxl"]);
  expect(urls).toEqual(["http://127.0.0.1:8188/comfy"]);
  expect(id).toBe("comfyui");
});

it("takes files, graphs, and either with bindings and card", () => {
  const file = join(folder, "sdxl.json");
  const workflows = {
    a: file,
    b: graph,
    c: { workflow: graph, card: { aliases: ["cc"] } },
    d: { workflow: file, bindings: { cfg: false } },
  } as const;
  const { models } = resolveOptions({ url, workflows });

  expect([...models.keys()]).toEqual(["a", "b", "c", "d"]);
  expect(models.get("c")?.card.aliases).toEqual(["cc"]);
  expect(models.get("d")?.card.extra).toEqual(["steps"]);
});

it("works without a server", async () => {
  const provider = comfyui({ url: "http://127.0.0.1:1", workflows: { m: graph } });
  expect(provider.id).toBe("comfyui");
  await provider.close();
});

describe("what is wrong is named with its remedy", () => {
  const broken = join(folder, "broken.jsn");
  writeFileSync(broken, "{");
  const good = { url, workflows: { m: graph } };
  it.each([
    [{ ...good, url: "gpu:8188" }, /url is no http or https URL/],
    [{ ...good, url: [] }, /url is missing/],
    [{ ...good, url: [url, url] }, /url names a server twice/],
    [{ ...good, url: "http://u:p@x" }, /url holds user info: give it in headers/],
    [{ ...good, url: "http://x/?a=1" }, /url holds a query/],
    [{ ...good, id: "Comfy UI" }, /id use lower-case/],
    [{ ...good, workflows: {} }, /workflows: holds no workflow/],
    [{ ...good, workflows: join(folder, "nope") }, /workflows: .* is no folder/],
    [{ ...good, workflows: { m: join(folder, "nope.json") } }, /"m" \(nope\.json\) is no file that exists/],
    [{ ...good, workflows: { m: broken } }, /is no JSON/],
    [{ ...good, workflows: { "a b": graph } }, /names the model "a b"/],
    [{ ...good, headers: { Host: "x" } }, /headers\.Host cannot be set/],
    [{ ...good, headers: { "x-a": "a\nb" } }, /headers\.x-a must be printable ASCII/],
    [{ ...good, maxImageBytes: 0 }, /maxImageBytes is 0/],
    [{ ...good, urls: [url] }, /option 'urls' is unknown; did you mean 'url'\?/],
    [{ ...good, colour: 1 }, /option 'colour' is unknown; known: id, url/],
  ])("%#", (options, message) => {
    expect(() => comfyui(options)).toThrow(message);
  });

  it("a missing workflows option", () => {
    expect(() => Reflect.apply(comfyui, undefined, [{ url }])).toThrow(/workflows is missing/);
  });
});

it("the example workflows are models that take what their README says", () => {
  const { models } = resolveOptions({
    url,
    workflows: join(__dirname, "../../../examples/comfyui/workflows"),
  });
  const card = (id: string) => models.get(id)?.card;

  expect([...models.keys()]).toEqual(["sdxl-inpaint", "sdxl"]);
  expect(card("sdxl")).toMatchObject({
    ops: ["generate"],
    extra: ["steps", "cfg"],
    limits: { n: 4 },
    params: { seed: true, negativePrompt: true },
  });
  expect(card("sdxl-inpaint")).toMatchObject({
    ops: ["edit"],
    limits: { n: 1, inputImages: 1 },
    params: { mask: true },
  });
});
