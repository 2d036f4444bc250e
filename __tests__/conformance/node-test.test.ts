import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const built = join(root, "dist/lib/testing/index.js");

/** Runs the file as a host would, and gives what `node --test` counts. */
function nodeTest(file: string): Promise<{ output: string; counts: Map<string, number> }> {
  // Told that it runs inside another test runner, node would report to that.
  const { NODE_TEST_CONTEXT: _inside, NODE_OPTIONS: _options, ...env } = process.env;
  const args = ["--test", "--test-reporter=tap", join(__dirname, "node-test", file)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      const counts = [...stdout.matchAll(/^# (tests|pass|fail|cancelled) (\d+)$/gm)];
      const output = `${stdout.match(/^\s*not ok .*$/gm)?.join("\n") ?? ""}\n${stderr}`.trim();
      resolve({ output, counts: new Map(counts.map(([, name = "", count]) => [name, Number(count)])) });
    });
  });
}

describe("the built package", () => {
  it("proves every port under node:test", async () => {
    if (!existsSync(built)) throw new Error("dist is missing: run `npm run build` first");
    const { output, counts } = await nodeTest("suites.mjs");
    expect(output).toBe("");
    expect(counts.get("pass")).toBeGreaterThan(100);
    expect(counts.get("pass")).toBe(counts.get("tests"));
    expect(counts.get("fail")).toBe(0);
    expect(counts.get("cancelled")).toBe(0);
  });
});
