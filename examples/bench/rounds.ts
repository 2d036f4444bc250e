import { CONTESTANTS, type ContestantId } from "./contestants";
import { type Absence, type Figures, measure } from "./measure";
import type { Options } from "./options";
import type { Rig } from "./rig";
import { type ShapeId, shapeOf } from "./shapes";

/** What one contestant showed under one shape: figures of each round, or why there are none. */
export type Outcome = readonly Figures[] | Absence;
export type Outcomes = ReadonlyMap<ShapeId, ReadonlyMap<ContestantId, Outcome>>;

/** A hundred answers of ten pictures are for those who do not hold them in memory. */
const isSpared = (shape: ShapeId, contestant: ContestantId): boolean =>
  shape === "X128" && (contestant === "hand-written" || contestant === "portkey");

const stands = (contestant: ContestantId, shape: ShapeId): boolean =>
  CONTESTANTS[contestant].shapes?.includes(shape) ?? true;

const SPARED: Absence = { absent: "not tried: it holds answers in memory" };

/**
 * Measures every contestant under every shape, in rounds: within a shape one contestant after the other, so that what disturbs the
 * machine disturbs them all alike.
 *
 * @param tell hears what is being done
 */
export async function runRounds(
  rig: Rig,
  { shapes, contestants, rounds, isQuick }: Options,
  tell: (line: string) => void,
): Promise<Outcomes> {
  // The upstream and the callers are code too that is slow at first.
  if (!isQuick) for (const id of shapes) await measure(rig, CONTESTANTS.pipe, shapeOf(id, false));

  const outcomes = new Map(shapes.map((id) => [id, new Map<ContestantId, Outcome>()]));
  for (let round = 1; round <= rounds; round++) {
    for (const [id, row] of outcomes) {
      for (const contestant of contestants.filter((each) => stands(each, id))) {
        const before = row.get(contestant) ?? [];
        if ("absent" in before) continue;
        const figures = isSpared(id, contestant)
          ? SPARED
          : await measure(rig, CONTESTANTS[contestant], shapeOf(id, isQuick));
        row.set(contestant, "absent" in figures ? figures : [...before, figures]);
        tell(`round ${round} of ${rounds}, ${id}, ${contestant}: ${inShort(figures)}`);
      }
    }
  }
  return outcomes;
}

function inShort(figures: Figures | Absence): string {
  if ("absent" in figures) return figures.absent;
  const { answersPerSecond, cpuMs, growthMb, stallMs } = figures;
  const numbers = [
    `${answersPerSecond.toFixed(1)}/s`,
    `${cpuMs.toFixed(2)} ms CPU`,
    `+${growthMb.toFixed(0)} MB`,
    `stall ${stallMs.toFixed(0)} ms`,
  ];
  return numbers.join(", ");
}
