import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const build = join(__dirname, "../../dist/lib/index.js");
const child = join(__dirname, "without-proto.js");

it("does its work where Object.prototype.__proto__ throws", async () => {
  if (!existsSync(build)) throw new Error("this test runs the build: run `npm run build` first");
  const { stdout } = await promisify(execFile)(process.execPath, ["--disable-proto=throw", child]);
  const outcomes: [string, unknown, unknown][] = JSON.parse(stdout);
  expect(outcomes.length).toBeGreaterThan(20);
  expect(outcomes.filter(([, expected, got]) => JSON.stringify(expected) !== JSON.stringify(got))).toEqual(
    [],
  );
});
