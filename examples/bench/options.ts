import { parseArgs } from "node:util";

import { CONTESTANT_IDS, type ContestantId } from "./contestants";
import { SHAPE_IDS, type ShapeId } from "./shapes";

export interface Options {
  readonly shapes: readonly ShapeId[];
  readonly contestants: readonly ContestantId[];
  readonly rounds: number;
  /** A minute's run that shows whether all works. */
  readonly isQuick: boolean;
  /** Where the report is written besides standard output. */
  readonly report: string | undefined;
}

const usualRounds = (isQuick: boolean): number => (isQuick ? 1 : 5);

/** @throws Error naming the option and what it may be */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shapes: { type: "string", default: SHAPE_IDS.join() },
      contestants: { type: "string", default: CONTESTANT_IDS.join() },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      report: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? usualRounds(values.quick));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new Error("--rounds must be a whole number from 1 to 100");
  }
  return {
    shapes: chosen("shapes", values.shapes, SHAPE_IDS),
    contestants: chosen("contestants", values.contestants, CONTESTANT_IDS),
    rounds,
    isQuick: values.quick,
    report: values.report,
  };
}

/** The command that has these options, but for where the report goes. */
export function commandOf({ shapes, contestants, rounds, isQuick }: Options): string {
  const told = [
    ...(shapes.length === SHAPE_IDS.length ? [] : [`--shapes=${shapes}`]),
    ...(contestants.length === CONTESTANT_IDS.length ? [] : [`--contestants=${contestants}`]),
    ...(rounds === usualRounds(isQuick) ? [] : [`--rounds=${rounds}`]),
    ...(isQuick ? ["--quick"] : []),
  ];
  return ["npm run bench", ...(told.length === 0 ? [] : ["--", ...told])].join(" ");
}

/** Is it all of the bench, so that its report stands for it? */
export const isWhole = ({ shapes, contestants, isQuick }: Options): boolean =>
  !isQuick && shapes.length === SHAPE_IDS.length && contestants.length === CONTESTANT_IDS.length;

/** In the order of the bench, whatever theirs is. */
function chosen<T extends string>(name: string, list: string, all: readonly T[]): readonly T[] {
  const names = list.split(",").map((each) => each.trim());
  const known: readonly string[] = all;
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined) throw new Error(`--${name} knows ${all.join(", ")}, not '${unknown}'`);
  return all.filter((each) => names.includes(each));
}
