import { readFileSync } from "node:fs";
import { join } from "node:path";

import { json, type Reply, type Upstream, upstream } from "./upstream";

interface Exchange {
  readonly name: string;
  readonly request: {
    readonly method?: string;
    readonly path: string;
    readonly json?: Record<string, unknown>;
  };
  readonly response: { readonly status: number; readonly json: unknown };
}

const exchanges: readonly Exchange[] = readFileSync(
  join(__dirname, "../fixtures/upstreams/sdcpp-full.jsonl"),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const recorded = (name: string): Exchange => {
  const found = exchanges.find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`no recording named ${name}`);
  return found;
};

/** Answers as stable-diffusion.cpp's server did when it was recorded: one, two or four pictures. */
export function recordedUpstream(): Promise<Upstream> {
  const reply: Reply = (request, response) => {
    const { name } = recorded(nameFor(request.path, request.method === "POST" ? request.json() : undefined));
    const answer = recorded(name).response;
    return json(answer.status, answer.json)(request, response);
  };
  return upstream(reply);
}

function nameFor(path: string, body: unknown): string {
  if (path === "/v1/models") return "models";
  const n: unknown = typeof body === "object" && body !== null && "n" in body ? body.n : 1;
  if (n === 4 || n === 3) return "ok n=4 128x128 png";
  return n === 2 ? "ok n=2 jpeg" : "ok n=1 png";
}
