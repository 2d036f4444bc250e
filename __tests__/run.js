"use strict";

/**
 * `npm test`: every check in order, each with its time, none left out because an earlier one failed.
 * The last line of stdout is `N passed, N failed`. A step without `counts` is one test; a step with
 * `counts` reports its own.
 */
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const root = join(__dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "express-image-gateway-test-"));
const jestReport = join(scratch, "jest.json");

/** @type {{ name: string; command: string[]; counts?: () => { passed: number; failed: number } }[]} */
const steps = [
  { name: "what the tests need", command: [process.execPath, join(__dirname, "prerequisites.js")] },
  { name: "typecheck", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "layers", command: ["npm", "run", "--silent", "layers"] },
  { name: "dead code", command: ["npm", "run", "--silent", "deadcode"] },
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "package", command: ["npm", "run", "--silent", "package-check"] },
  {
    name: "jest",
    command: ["npm", "run", "--silent", "test:unit", "--", "--json", `--outputFile=${jestReport}`],
    counts: () => jestCounts(jestReport),
  },
];

/** A suite that does not even load has no tests of its own and counts as one failed test; one that is skipped is named. */
function jestCounts(file) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  for (const { status, fullName } of report.testResults.flatMap((suite) => suite.assertionResults)) {
    if (status === "pending") console.log(`left out: ${fullName}`);
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
  };
}

function run({ name, command: [program, ...args], counts }) {
  console.log(`\n== ${name}`);
  const started = process.hrtime.bigint();
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const ok = status === 0;
  if (error) console.error(error.message);
  console.log(`== ${name}: ${ok ? "ok" : "FAILED"} in ${seconds.toFixed(1)} s`);
  if (!counts) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  try {
    const counted = counts();
    return { ...counted, failed: ok ? counted.failed : Math.max(counted.failed, 1) };
  } catch (cause) {
    console.error(`${name} left no readable report: ${cause.message}`);
    return { passed: 0, failed: 1 };
  }
}

const total = { passed: 0, failed: 0 };
try {
  for (const step of steps) {
    const { passed, failed } = run(step);
    total.passed += passed;
    total.failed += failed;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

process.exitCode = total.failed > 0 ? 1 : 0;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
