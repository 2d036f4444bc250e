import { jsonLogger } from "express-image-gateway";

import { harmless } from "../../lib/gateway/json-logger";

const lines: string[] = [];
beforeEach(() => void lines.splice(0));
const write = (line: string) => void lines.push(line);

it("writes one JSON object a line, from the level given upwards", () => {
  const log = jsonLogger({ write });
  log.debug({}, "a");
  log.info({}, "b");
  log.warn({ jobId: "x" }, "c\nd");
  log.error({}, "e");
  expect(lines.map((line) => line.endsWith("\n") && JSON.parse(line))).toEqual([
    { time: expect.stringMatching(/^\d{4}-.*Z$/), level: "warn", message: "c\nd", jobId: "x" },
    { time: expect.any(String), level: "error", message: "e" },
  ]);
  expect(lines.join("").split("\n")).toHaveLength(3);
});

it("writes everything at the level debug", () => {
  const log = jsonLogger({ level: "debug", write });
  log.debug({}, "a");
  log.info({}, "b");
  expect(lines).toHaveLength(2);
});

it("writes to standard error by default", () => {
  const spy = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jsonLogger().error({}, "a");
  const written = spy.mock.calls.map(([text]) => String(text));
  spy.mockRestore();
  expect(written).toEqual([expect.stringContaining('"message":"a"')]);
});

it.each([
  ["a circle", () => Object.assign({}, { self: {} })],
  ["a bigint", () => ({ big: 1n })],
])("never throws through `harmless`, whatever it is about: %s", (_title, about) => {
  const broken = harmless(jsonLogger({ write }));
  const value = about();
  if ("self" in value) value.self = value;
  expect(() => broken.error(value, "a")).not.toThrow();
});

it("keeps `this` of the host's logger", () => {
  class Host {
    seen: string[] = [];
    debug() {}
    info() {}
    warn(_about: object, text: string) {
      this.seen.push(text);
    }
    error() {}
  }
  const host = new Host();
  harmless(host).warn({}, "a");
  expect(host.seen).toEqual(["a"]);
});
