import { readFileSync } from "node:fs";
import { join } from "node:path";

import { answer, json, type Reply, type Upstream, upstream } from "../../support/upstream";

/** One exchange recorded from a running stable-diffusion.cpp. */
export interface Recorded {
  readonly name: string;
  readonly request: { readonly method?: string; readonly path: string; readonly json?: object };
  readonly response: { readonly status: number; readonly json?: unknown };
}

const recordings: readonly Recorded[] = ["sdcpp-sdapi.jsonl", "sdcpp-full.jsonl"].flatMap((file) =>
  readFileSync(join(__dirname, "../../fixtures/upstreams", file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line)),
);

export function recording(name: string): Recorded {
  const found = recordings.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return found;
}

export const replayed = (name: string): Reply => {
  const { status, json: body } = recording(name).response;
  return body === undefined ? answer(status, "") : json(status, body);
};

const LISTS = ["sdapi options", "sdapi samplers", "sdapi schedulers", "sdapi sd-models", "sdapi progress"];

/** stable-diffusion.cpp's server: its lists as they were recorded, 404 for what it does not have, and `draw` for calls. */
export function startSdCpp(draw: Reply): Promise<Upstream> {
  const lists = new Map(LISTS.map((name) => [recording(name).request.path, replayed(name)]));
  return upstream((request, response) => {
    const [path = ""] = request.path.split("?");
    const isCall = request.method === "POST" && /^\/sdapi\/v1\/(?:txt|img)2img$/.test(path);
    const reply = isCall ? draw : request.method === "GET" ? lists.get(path) : undefined;
    return (reply ?? answer(404, ""))(request, response);
  });
}
