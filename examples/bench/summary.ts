import type { ContestantId } from "./contestants";
import type { Absence, Figures } from "./measure";
import { median } from "./median";
import type { Outcome, Outcomes } from "./rounds";
import type { ShapeId } from "./shapes";

/** The medians of all rounds. */
export interface Summary extends Figures {
  /** The rounds with the fewest and the most answers a second. */
  readonly range: readonly [number, number];
}

/** What has been found, to be looked up. */
export interface Findings {
  /** In the order of the bench. */
  readonly shapes: readonly ShapeId[];
  contestants(shape: ShapeId): readonly ContestantId[];
  outcome(shape: ShapeId, contestant: ContestantId): Summary | Absence;
  /** `undefined` where there are no figures. */
  summary(shape: ShapeId, contestant: ContestantId): Summary | undefined;
  /** In each round of each shape and contestant, what other processes took of the machine. */
  readonly disturbances: readonly number[];
}

const NOT_ASKED: Absence = { absent: "not measured" };

export function findingsOf(outcomes: Outcomes): Findings {
  const outcome: Findings["outcome"] = (shape, contestant) => summed(outcomes.get(shape)?.get(contestant));
  const rows = [...outcomes.values()];
  return {
    shapes: [...outcomes.keys()],
    contestants: (shape) => [...(outcomes.get(shape)?.keys() ?? [])],
    outcome,
    summary(shape, contestant) {
      const found = outcome(shape, contestant);
      return "absent" in found ? undefined : found;
    },
    disturbances: rows
      .flatMap((row) => [...row.values()])
      .flatMap((found) => ("absent" in found ? [] : found.map(({ disturbance }) => disturbance))),
  };
}

function summed(outcome: Outcome | undefined): Summary | Absence {
  if (outcome === undefined) return NOT_ASKED;
  if ("absent" in outcome) return outcome;
  const middle = (of: (figures: Figures) => number) => median(outcome.map(of));
  const rates = outcome.map(({ answersPerSecond }) => answersPerSecond);
  const places = outcome[0]?.pictureMs.map((_, place) => place) ?? [];
  return {
    answersPerSecond: middle((each) => each.answersPerSecond),
    range: [Math.min(...rates), Math.max(...rates)],
    megabytesPerSecond: middle((each) => each.megabytesPerSecond),
    cpuMs: middle((each) => each.cpuMs),
    firstByteMs: middle((each) => each.firstByteMs),
    pictureMs: places.map((place) => middle(({ pictureMs }) => pictureMs[place] ?? 0)),
    growthMb: middle((each) => each.growthMb),
    stallMs: middle((each) => each.stallMs),
    disturbance: middle((each) => each.disturbance),
  };
}
