import { CONTESTANTS } from "../contestants";
import { PAUSE_MS, type Shape, type ShapeId, shapeOf } from "../shapes";
import type { Findings, Summary } from "../summary";
import { number, table } from "./markdown";

/** One column of a shape's table. @param pipe the bare pipe, where it was measured */
interface Column {
  readonly heading: string;
  cell(figures: Summary, pipe: Summary | undefined): string;
}

const NOTHING = "–";

const rate: Column = {
  heading: "answers/s",
  cell({ answersPerSecond, range: [least, most] }) {
    return `${number(answersPerSecond)}${least === most ? "" : ` (${number(least)}–${number(most)})`}`;
  },
};
const rateOfPipe: Column = {
  heading: "× the pipe",
  cell: (figures, pipe) => (pipe ? number(figures.answersPerSecond / pipe.answersPerSecond) : NOTHING),
};
const volume: Column = { heading: "MB/s", cell: ({ megabytesPerSecond }) => number(megabytesPerSecond) };
const cpu: Column = { heading: "CPU ms/answer", cell: ({ cpuMs }) => number(cpuMs) };
const cpuOfPipe: Column = {
  heading: "× the pipe",
  cell: (figures, pipe) => (pipe ? number(figures.cpuMs / pipe.cpuMs) : NOTHING),
};
const firstByte: Column = { heading: "first byte ms", cell: ({ firstByteMs }) => number(firstByteMs) };
const firstByteAdded: Column = {
  heading: "over the pipe",
  cell: (figures, pipe) => (pipe ? number(figures.firstByteMs - pipe.firstByteMs) : NOTHING),
};
const growth: Column = { heading: "memory MB", cell: ({ growthMb }) => `+${number(growthMb)}` };
const stall: Column = { heading: "stall ms", cell: ({ stallMs }) => number(stallMs) };
const picture = (name: string, place: number): Column => ({
  heading: `${name} ms`,
  cell: ({ pictureMs }) => number(pictureMs[place] ?? 0),
});

const throughput = [rate, rateOfPipe];
const work = [cpu, cpuOfPipe];
const alone = [firstByte, firstByteAdded];
const health = [growth, stall];
const arrivals = [picture("1st", 0), picture("2nd", 1), picture("3rd", 2), picture("finished", 3)];

const COLUMNS: Readonly<Record<ShapeId, readonly Column[]>> = {
  S: [...throughput, ...work, ...alone, ...health],
  L: [...throughput, volume, ...work, ...alone, ...health],
  XL: [...throughput, volume, ...work, ...alone, ...health],
  X32: [...throughput, volume, ...work, ...health],
  X128: [...throughput, volume, ...work, ...health],
  P: [...arrivals, ...work, ...health],
  U: [rate, volume, cpu, ...health],
  E: [...throughput, ...work, ...alone, ...health],
};

/** A section with a heading for each shape that was measured. */
export function shapeTables(findings: Findings, isQuick: boolean): string {
  return findings.shapes.map((id) => section(shapeOf(id, isQuick), findings)).join("\n\n");
}

function section({ id, title, measured }: Shape, findings: Findings): string {
  const columns = COLUMNS[id];
  const pipe = findings.summary(id, "pipe");
  const rows = findings.contestants(id).map((contestant) => {
    const { title: name } = CONTESTANTS[contestant];
    const found = findings.outcome(id, contestant);
    if ("absent" in found) return [name, found.absent, ...columns.slice(1).map(() => "")];
    return [name, ...columns.map(({ cell }) => cell(found, pipe))];
  });
  return [
    `### ${id}: ${title}`,
    "",
    table([`${measured.inFlight} in flight`, ...columns.map(({ heading }) => heading)], rows, "numbers"),
    ...(id === "P"
      ? ["", `The upstream sends them at 0, ${PAUSE_MS}, ${2 * PAUSE_MS} and ${3 * PAUSE_MS} ms.`]
      : []),
  ].join("\n");
}
