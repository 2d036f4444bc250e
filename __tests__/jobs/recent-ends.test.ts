import { created, settled, started } from "../../lib/jobs/changes";
import { createRecentEnds } from "../../lib/jobs/recent-ends";
import { COMPLETED, newJob } from "./memory/bench";

const waiting = created(newJob(), 0);
const ended = (startedAt: number, completedAt: number) =>
  settled(started(waiting, startedAt), COMPLETED, completedAt, 1_000);

describe("what recent jobs tell of the wait", () => {
  it("is nothing before the first has ended, nor of one that never began", () => {
    const recent = createRecentEnds();
    recent.add(settled(waiting, COMPLETED, 9, 1_000));
    expect(recent.waitMs(1)).toBeUndefined();
  });

  it("is as long as one took, for each that is ahead", () => {
    const recent = createRecentEnds();
    recent.add(ended(1_000, 4_000));
    expect([recent.waitMs(1), recent.waitMs(3)]).toEqual([3_000, 9_000]);
  });

  it("is shorter where several run at once, and not longer after a quiet time", () => {
    const busy = createRecentEnds();
    for (const at of [0, 500, 1_000]) busy.add(ended(at, at + 4_000));
    expect(busy.waitMs(2)).toBe(1_000);
    const quiet = createRecentEnds();
    for (const at of [0, 500_000]) quiet.add(ended(at, at + 4_000));
    expect(quiet.waitMs(2)).toBe(8_000);
  });

  it("is of the latest twenty only", () => {
    const recent = createRecentEnds();
    for (let at = 0; at < 20; at += 1) recent.add(ended(at * 60_000, at * 60_000 + 60_000));
    for (let at = 0; at < 20; at += 1) recent.add(ended(2e6 + at * 1_000, 2e6 + at * 1_000 + 1_000));
    expect(recent.waitMs(1)).toBe(1_000);
  });
});
