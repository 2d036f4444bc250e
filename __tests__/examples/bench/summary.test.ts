import type { Figures } from "../../../examples/bench/measure";
import { floorsTable } from "../../../examples/bench/report/floors";
import type { Outcomes } from "../../../examples/bench/rounds";
import { findingsOf } from "../../../examples/bench/summary";

const figures = (answersPerSecond: number, more: Partial<Figures> = {}): Figures => ({
  answersPerSecond,
  megabytesPerSecond: 0,
  cpuMs: 1,
  firstByteMs: 1,
  pictureMs: [],
  growthMb: 0,
  stallMs: 0,
  disturbance: 0,
  ...more,
});

const outcomes: Outcomes = new Map([
  [
    "S",
    new Map([
      ["pipe", [figures(1000), figures(900), figures(5000)]],
      ["portkey", { absent: "answered 500" }],
      ["ours", [figures(600), figures(100), figures(700)]],
    ]),
  ],
  [
    "P",
    new Map([
      ["pipe", [figures(1, { pictureMs: [2, 102, 202, 302] })]],
      ["ours", [figures(1, { pictureMs: [5, 109, 204, 305] })]],
    ]),
  ],
  [
    "X32",
    new Map([
      ["pipe", [figures(1, { stallMs: 80.4 })]],
      ["ours", [figures(1, { stallMs: 70, growthMb: 65 })]],
    ]),
  ],
]);

it("takes the medians of the rounds, and keeps the range", () => {
  const findings = findingsOf(outcomes);
  expect(findings.summary("S", "ours")).toMatchObject({ answersPerSecond: 600, range: [100, 700] });
  expect(findings.outcome("S", "portkey")).toEqual({ absent: "answered 500" });
  expect(findings.outcome("L", "ours")).toEqual({ absent: "not measured" });
  expect(findings.contestants("S")).toEqual(["pipe", "portkey", "ours"]);
  expect(findings.contestants("X32")).toEqual(["pipe", "ours"]);
});

it("holds what was found against the targets", () => {
  const rows = floorsTable(findingsOf(outcomes)).split("\n");
  expect(rows).toContain(
    "| S: answers a second, times those of the pipe | 0.60 | ≥ 0.5: met | ≥ 0.7: **missed** |",
  );
  expect(rows).toContain("| S: answers a second, times those of Portkey | not measured | ≥ 4 | ≥ 6 |");
  expect(rows).toContain("| X32: growth of memory, MB | 65.0 | ≤ 64: **missed** | ≤ 40: **missed** |");
  // The pipe's own stall is the floor where it is longer than 50 ms.
  expect(rows).toContain(
    "| X32: longest stall, ms (floor: 50, or the pipe's) | 70.0 | ≤ 80: met | ≤ 25: **missed** |",
  );
  expect(rows).toContain("| P: first picture later than through the pipe, ms | 3.00 | – | ≤ 5: met |");
  expect(rows).toContain(
    "| P: latest that a picture came after the pipe's, ms (the next is sent after 100) | 7.00 | ≤ 100: met | – |",
  );
});
