import type { ContestantId } from "../contestants";
import { PAUSE_MS, type ShapeId } from "../shapes";
import type { Findings, Summary } from "../summary";
import { number, table } from "./markdown";

/** What the gateway is measured against. */
interface Target {
  readonly measure: string;
  /** `undefined`: it was not measured. */
  readonly value: number | undefined;
  readonly floor?: Bound;
  readonly aim?: Bound;
}

/** `least`: the value may not be smaller; `most`: nor larger. */
type Bound = { readonly least: number } | { readonly most: number };

const OTHERS = [
  ["pipe", "the pipe"],
  ["hand-written", "hand-written"],
  ["portkey", "Portkey"],
] as const;

/** The targets as a table with what was found beside them. */
export function floorsTable(findings: Findings): string {
  const rows = targetsOf(findings).map(({ measure, value, floor, aim }) => [
    measure,
    value === undefined ? "not measured" : number(value),
    verdict(value, floor),
    verdict(value, aim),
  ]);
  return table(["", "found", "floor", "aim"], rows, "text");
}

function verdict(value: number | undefined, bound: Bound | undefined): string {
  if (bound === undefined) return "–";
  const told = "least" in bound ? `≥ ${bound.least}` : `≤ ${bound.most}`;
  if (value === undefined) return told;
  const isMet = "least" in bound ? value >= bound.least : value <= bound.most;
  return `${told}: ${isMet ? "met" : "**missed**"}`;
}

function targetsOf(findings: Findings): Target[] {
  const ours = (shape: ShapeId) => findings.summary(shape, "ours");
  const against = (shape: ShapeId, other: ContestantId): number | undefined => {
    const [us, them] = [ours(shape), findings.summary(shape, other)];
    return us && them && us.answersPerSecond / them.answersPerSecond;
  };
  const ratios = (shape: ShapeId, floors: readonly number[], aims: readonly number[]): Target[] =>
    OTHERS.map(([other, name], index) => ({
      measure: `${shape}: answers a second, times those of ${name}`,
      value: against(shape, other),
      floor: { least: floors[index] ?? 0 },
      aim: { least: aims[index] ?? 0 },
    }));
  const pipeStall = findings.summary("X32", "pipe")?.stallMs ?? 0;
  return [
    ...ratios("S", [0.5, 1.5, 4], [0.7, 2, 6]),
    ...ratios("L", [0.6, 3, 6], [0.9, 4, 10]),
    {
      measure: "L: first byte later than through the pipe, ms",
      value: later(findings, "L", (ours, pipe) => ours.firstByteMs - pipe.firstByteMs),
      floor: { most: 4 },
      aim: { most: 1 },
    },
    ...(["X32", "X128"] as const).map((shape) => ({
      measure: `${shape}: growth of memory, MB`,
      value: ours(shape)?.growthMb,
      floor: { most: 64 },
      aim: { most: 40 },
    })),
    {
      measure: "U: MB/s of pictures",
      value: ours("U")?.megabytesPerSecond,
      floor: { least: 300 },
      aim: { least: 500 },
    },
    {
      measure: "U: growth of memory, MB",
      value: ours("U")?.growthMb,
      floor: { most: 128 },
      aim: { most: 64 },
    },
    {
      measure: "X32: longest stall, ms (floor: 50, or the pipe's)",
      value: ours("X32")?.stallMs,
      floor: { most: Math.max(50, Math.round(pipeStall)) },
      aim: { most: 25 },
    },
    {
      measure: `P: latest that a picture came after the pipe's, ms (the next is sent after ${PAUSE_MS})`,
      value: later(findings, "P", (ours, pipe) =>
        Math.max(...ours.pictureMs.map((at, place) => at - (pipe.pictureMs[place] ?? 0))),
      ),
      floor: { most: PAUSE_MS },
    },
    {
      measure: "P: first picture later than through the pipe, ms",
      value: later(findings, "P", (ours, pipe) => (ours.pictureMs[0] ?? 0) - (pipe.pictureMs[0] ?? 0)),
      aim: { most: 5 },
    },
  ];
}

function later(
  findings: Findings,
  shape: ShapeId,
  by: (ours: Summary, pipe: Summary) => number,
): number | undefined {
  const [ours, pipe] = [findings.summary(shape, "ours"), findings.summary(shape, "pipe")];
  return ours && pipe && by(ours, pipe);
}
