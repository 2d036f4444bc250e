import { startHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";
import { RETRY_AFTER_MS } from "./acting-provider";
import { CAT, DOG, REQUEST_ID, type Run, runClient } from "./bench";

const AI_6 = "ai 6 with openai-compatible 2";
const AI_7 = "ai 7 with openai-compatible 3";
const CLIENTS: Record<string, readonly [string, string]> = {
  [AI_6]: ["ai6", "openai-compatible2"],
  [AI_7]: ["ai", "@ai-sdk/openai-compatible"],
};

const runs = new Map<string, Run>();
let openai: Run;
/** Calls of providers whose pictures lie at another origin on this machine. */
const foreignCalls = new Map<string, number>();

async function runCompatible(name: string, packages: readonly [string, string]): Promise<void> {
  const provider = scriptedProvider();
  // Nobody listens there: a client that tried would fail otherwise.
  const elsewhere = await startHost({
    providers: [provider],
    options: { publicUrl: "http://localhost:9/v1" },
  });
  try {
    runs.set(name, await runClient("ai-sdk.mjs", ...packages, elsewhere.url));
    foreignCalls.set(name, provider.calls.length);
  } finally {
    await elsewhere.close();
  }
}

beforeAll(async () => {
  const compatible = Object.entries(CLIENTS).map(([name, packages]) => runCompatible(name, packages));
  openai = await runClient("ai-sdk-openai.mjs");
  await Promise.all(compatible);
}, 60_000);

const requestId = expect.stringMatching(REQUEST_ID);
const error = (status: number, code: string, param: string | null = null) => ({
  class: "AI_APICallError",
  status,
  code,
  param,
  message: expect.any(String),
  type: expect.any(String),
  isRetryable: status === 429 || status >= 500,
  id: requestId,
});
const given = (pictures: readonly unknown[], calls = 1) => ({
  pictures: expect.arrayContaining([...pictures]),
  ids: Array.from({ length: calls }, () => requestId),
});
const threeTimes = (last: object) => ({ class: "AI_RetryError", tries: 3, last });

const runOf = (name: string): Run => {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`${name} did not run`);
  return found;
};

describe.each(Object.keys(CLIENTS))("%s", (name) => {
  const run = () => runOf(name);

  it("gets three pictures that differ as base64, and the request id", () => {
    const pictures = run().picturesOf("many");
    expect(pictures).toEqual(run().drawnFor("many"));
    expect(new Set(pictures).size).toBe(3);
    expect(run().seen["many"]).toEqual(given(pictures));
  });

  it("edits a picture, or several with a mask", () => {
    expect(run().seen["edit"]).toEqual(given(run().drawnFor("edit")));
    expect(run().givenFor("edit")).toEqual([{ images: [CAT], mask: undefined }]);
    expect(run().picturesOf("editMany")).toEqual(run().drawnFor("editMany"));
    expect(run().drawnFor("editMany")).toHaveLength(2);
    expect(run().givenFor("editMany")).toEqual([{ images: [CAT, DOG], mask: CAT }]);
  });

  it("raises APICallError for what is no picture, before anything is paid for", () => {
    expect(run().seen["noPicture"]).toEqual(error(400, "invalid_value", "image"));
    expect(run().callsFor("noPicture")).toEqual([]);
  });

  it.each([
    ["size", error(400, "invalid_size", "size")],
    ["model", error(404, "model_not_found", "model")],
    ["key", error(401, "invalid_api_key")],
    ["capability", error(403, "missing_capability")],
  ])(
    "raises APICallError for what is refused over the %s, with envelope and request id",
    (refused, expected) => {
      expect(run().seen[refused]).toEqual(expected);
      expect(run().callsFor("refused")).toEqual([]);
    },
  );

  it("raises APICallError when the provider's moderation refuses, after one upstream call", () => {
    expect(run().seen["policy"]).toEqual(error(400, "content_policy_violation"));
    expect(run().callsFor("policy")).toHaveLength(1);
  });

  it("keeps Retry-After before its first retry of a 429, and raises RetryError after three calls", () => {
    expect(run().seen["limited"]).toEqual(threeTimes(error(429, "rate_limit_exceeded")));
    const gaps = run().gapsFor("limited");
    expect(gaps).toHaveLength(2);
    expect(gaps[0]).toBeGreaterThan(RETRY_AFTER_MS - 50);
  });

  it("makes three upstream calls for a 502 after dispatch: it ignores x-should-retry", () => {
    expect(run().seen["broken"]).toEqual(threeTimes(error(502, "upstream_error")));
    expect(run().callsFor("broken")).toHaveLength(3);
  });

  it.each([
    ["abort", "AbortError"],
    ["timeout", "TimeoutError"],
  ])("stops the one upstream call on the caller's %s", (what, expected) => {
    expect(run().seen).toMatchObject({ [what]: { class: expected }, [`${what}Seen`]: 1 });
    expect(run().callsFor(what)).toHaveLength(1);
  });
});

describe("a link to a picture", () => {
  it("is fetched by ai 7 when it leads to the gateway's own origin", () => {
    expect(runOf(AI_7).seen["url"]).toEqual(given(runOf(AI_7).drawnFor("url")));
  });

  it("is refused by ai 7 when it leads to another origin on this machine; the paid call is not repeated", () => {
    expect(runOf(AI_7).seen["foreign"]).toMatchObject({ class: "AI_DownloadError" });
    expect(foreignCalls.get(AI_7)).toBe(1);
  });

  it("is never met by ai 6, which asks for base64 whatever its caller says", () => {
    expect(runOf(AI_6).seen["url"]).toEqual(given(runOf(AI_6).drawnFor("url")));
    expect(runOf(AI_6).picturesOf("foreign")).toHaveLength(1);
  });
});

describe("@ai-sdk/openai 4", () => {
  it("gets three pictures that differ from a model it does not know, by three calls", () => {
    const pictures = openai.picturesOf("many");
    expect(pictures).toEqual(openai.drawnFor("many"));
    expect(new Set(pictures).size).toBe(3);
    expect(openai.seen["many"]).toEqual(given(pictures, 3));
  });

  it("edits a picture, or several with a mask, by one call", () => {
    expect(openai.seen["edit"]).toEqual(given(openai.drawnFor("edit")));
    expect(openai.picturesOf("editMany")).toEqual(openai.drawnFor("editMany"));
    expect(openai.givenFor("editMany")).toEqual([{ images: [CAT, DOG], mask: CAT }]);
  });

  it("gets base64 from a GPT image model without asking for it, by one call", () => {
    const pictures = openai.picturesOf("gpt");
    expect(pictures).toEqual(openai.drawnFor("gpt"));
    expect(openai.seen["gpt"]).toEqual(given(pictures));
    expect(openai.callsFor("gpt")).toHaveLength(1);
  });

  it.each([
    ["size", error(400, "invalid_size", "size")],
    ["model", error(404, "model_not_found", "model")],
    ["policy", error(400, "content_policy_violation")],
  ])("raises APICallError for what is refused over the %s", (refused, expected) => {
    expect(openai.seen[refused]).toEqual(expected);
  });
});
