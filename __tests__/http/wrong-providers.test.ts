import type { ImageProvider } from "express-image-gateway";

import { generate, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";

let host: TestHost;
afterEach(() => host.close());

/** What an author without types may write: nothing of it compiles, so it comes in as JavaScript would. */
const written = (run: () => unknown): ImageProvider =>
  Object.assign(Object.create(null), { id: "house", models: () => [{ id: "test-model" }], run });

it.each<[string, unknown, string]>([
  ["nothing", undefined, "must resolve to { images, meta() }"],
  ["an array", [], "must resolve to { images, meta() }"],
  ["no meta()", { images: [] }, "must resolve to { images, meta() }"],
])(
  "tells the author of a provider whose run() gives %s what was expected",
  async (_what, result, expected) => {
    host = await startHost({ providers: [written(() => Promise.resolve(result))] });
    const answer = await generate(host, PROMPT);
    expect(answer.status).toBe(502);
    expect((await jsonOf(answer)).error).toMatchObject({
      code: "upstream_error",
      message: "The provider failed.",
    });
    expect(JSON.stringify(host.log.filter(({ level }) => level === "error"))).toContain(expected);
  },
);

it.each<[string, unknown]>([
  ["a picture without data", {}],
  ["data in an unknown form", { data: { as: "file", path: "/x" } }],
  ["a stream of no bytes", { data: { as: "bytes", open: () => [1, 2, 3] } }],
])("answers 502, not 500, to %s", async (_what, image) => {
  host = await startHost({ providers: [written(() => ({ images: [image], meta: () => ({}) }))] });
  const answer = await generate(host, PROMPT);
  expect(answer.status).toBe(502);
});
