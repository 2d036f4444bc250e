import { readFileSync } from "node:fs";
import { join } from "node:path";

import { PIXEL, type ScriptedModel, scriptedModel, thrown } from "./models";

/** What a package of the AI SDK made of an upstream's answers; recorded with version 4 packages on loopback. */
interface Recorded {
  readonly name: string;
  readonly result?: {
    readonly imgs: readonly string[];
    readonly warnings: readonly unknown[];
    readonly meta?: unknown;
    readonly usage?: unknown;
  };
  readonly error?: {
    readonly name: string;
    readonly msg: string;
    readonly status?: number;
    readonly retryable?: boolean;
    readonly retryAfter?: string;
    readonly body?: string;
    readonly data?: unknown;
  };
  /** The requests, in their order. */
  readonly wire: readonly { readonly m: string; readonly b: string }[];
}

const lines = readFileSync(join(__dirname, "../../fixtures/upstreams/aisdk-adapters.jsonl"), "utf8").trim();

const recordings: ReadonlyMap<string, Recorded> = new Map(
  lines.split("\n").map((line): [string, Recorded] => {
    const recorded: Recorded = JSON.parse(line);
    return [recorded.name, recorded];
  }),
);

/** The prompt of all recordings. */
export const RECORDED_PROMPT = "x";

/** A model that gives, or throws, what was recorded. */
export function recordedModel(name: string, provider: string): ScriptedModel {
  const recorded = recordings.get(name);
  if (recorded === undefined) throw new Error(`no recording named ${name}`);
  const { result, error, wire } = recorded;
  const last = wire.at(-1);
  return scriptedModel(
    () => {
      if (error === undefined) {
        const { imgs = [], meta, ...told } = result ?? { warnings: [] };
        return { ...told, images: imgs.map(() => PIXEL), providerMetadata: meta };
      }
      const { name: type, msg, status, retryable, retryAfter, body, data } = error;
      if (status === undefined) throw thrown(type, msg);
      throw thrown(type, msg, {
        url: "https://api.vendor.example/v1",
        requestBodyValues: last?.b ? JSON.parse(last.b) : {},
        statusCode: status,
        responseHeaders: retryAfter === undefined ? {} : { "retry-after": retryAfter },
        responseBody: body,
        data,
        isRetryable: retryable,
      });
    },
    { provider },
  );
}
