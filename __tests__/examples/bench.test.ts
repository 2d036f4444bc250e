import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const main = join(__dirname, "../../dist/examples/bench/main.js");
const page = join(__dirname, "../../docs/performance.md");

let folder: string;
let scratch: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-test-"));
  scratch = join(folder, "scratch");
  await mkdir(scratch);
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the built bench to its end. */
async function bench(...args: string[]) {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  const running = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env["PATH"], TMPDIR: scratch },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise((resolve) => running.on("exit", resolve));
  const [report, told] = await Promise.all([text(running.stdout), text(running.stderr)]);
  return { code: await code, report, told: told.trim().split("\n") };
}

/** The cells of the rows below a heading, by what is in the first column. */
function tableBelow(heading: string, report: string): Map<string, readonly string[]> {
  const [, below = ""] = report.split(`${heading}\n`);
  const [lines = ""] = below.trimStart().split("\n\n");
  const rows = lines.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  return new Map(rows.slice(2).map(([, name = "", ...cells]) => [name, cells.slice(0, -1)]));
}

const isPositive = (cell: string | undefined): boolean => Number(cell?.replace(",", "")) > 0;

it("measures the gateway beside the bare pipe, and leaves nothing behind but its report", async () => {
  const file = join(folder, "report.md");
  const before = await readFile(page, "utf8");
  const chosen = ["--shapes=S,P", "--contestants=pipe,ours"];
  const { code, report, told } = await bench("--quick", ...chosen, `--report=${file}`);

  expect(told).toEqual([
    expect.stringContaining("S, pipe: "),
    expect.stringContaining("S, ours: "),
    expect.stringContaining("P, pipe: "),
    expect.stringContaining("P, ours: "),
  ]);
  expect(code).toBe(0);
  expect(await readFile(file, "utf8")).toBe(report);
  expect(report).toContain("`npm run bench -- --shapes=S,P --contestants=pipe,ours --quick`");
  expect(report).toContain("its figures mean nothing");
  expect(report).not.toContain(folder);

  const small = tableBelow("### S: a small answer: one tiny picture, 400 bytes of JSON", report);
  expect([...small.keys()]).toEqual(["bare pipe", "express-image-gateway"]);
  for (const [perSecond, , cpu, , firstByte] of small.values()) {
    expect([perSecond, cpu, firstByte].every(isPositive)).toBe(true);
  }
  expect(small.get("bare pipe")?.slice(1, 6)).toEqual([
    "1.00",
    expect.anything(),
    "1.00",
    expect.anything(),
    "0.00",
  ]);

  const [events = ""] = /### P: .*/.exec(report) ?? [];
  for (const cells of tableBelow(events, report).values()) {
    const arrivals = cells.slice(0, 4).map(Number);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    // Relayed as they come: the upstream has sent the last one 300 ms after the first.
    expect(Number(arrivals[3]) - Number(arrivals[0])).toBeGreaterThan(200);
  }
  expect(tableBelow("an aim what we work towards.", report).get("X32: growth of memory, MB")).toEqual([
    "not measured",
    "≤ 64",
    "≤ 40",
  ]);

  expect(await readFile(page, "utf8")).toBe(before);
  expect(await readdir(scratch)).toEqual([]);
}, 60_000);

it.each([
  ["--shapes=S,T", "--shapes knows S, L, XL, X32, X128, P, U, E, not 'T'"],
  [
    "--contestants=theirs",
    "--contestants knows pipe, bare-express, hand-written, portkey, ours, not 'theirs'",
  ],
  ["--rounds=0", "--rounds must be a whole number from 1 to 100"],
  ["--rounds=few", "--rounds must be a whole number from 1 to 100"],
])("refuses %s before it starts anything", async (arg, message) => {
  const { code, report, told } = await bench(arg);
  expect(told).toEqual([message]);
  expect(report).toBe("");
  expect(code).toBe(1);
});
