import { created, settled } from "../../../lib/jobs/changes";
import { createRecords } from "../../../lib/jobs/memory/records";
import type { JobRecord } from "../../../lib/ports";
import { COMPLETED, newJob } from "./bench";

const TTL_MS = 1_000;

function opened(maxKept = 10) {
  let time = 0;
  const gone: string[] = [];
  const records = createRecords({ maxKept, clock: () => time, onGone: ({ id }) => gone.push(id) });
  const add = (job = {}): JobRecord => {
    const record = created(newJob(job), time, undefined);
    records.put(record);
    return record;
  };
  const end = (record: JobRecord) => records.put(settled(record, COMPLETED, time, TTL_MS));
  const pass = (ms: number) => {
    time += ms;
  };
  return { records, gone, add, end, pass };
}

describe("the table of records", () => {
  it("keeps only so many jobs that have ended, and lets go those that ended first", () => {
    const { records, add, end } = opened(2);
    const jobs = [add(), add(), add(), add()];
    const [first, second, third, live] = jobs;
    for (const job of [third, first, second]) if (job !== undefined) end(job);
    expect(jobs.map(({ id }) => records.get(id)?.status)).toEqual([
      "completed",
      "completed",
      undefined,
      "queued",
    ]);
    expect(live && records.page({ owner: live.owner, limit: 10 }).jobs).toHaveLength(3);
  });

  it("lets go a job when its time is over, and never a live one", () => {
    const { records, add, end, pass } = opened();
    const [early, late, live] = [add(), add(), add()];
    end(early);
    pass(TTL_MS / 2);
    end(late);
    pass(TTL_MS / 2);
    expect(records.get(early.id)).toBeUndefined();
    expect(records.page({ owner: live.owner, limit: 10 }).jobs.map(({ id }) => id)).toEqual([
      live.id,
      late.id,
    ]);
    pass(TTL_MS * 1_000);
    expect(records.get(live.id)).toBe(live);
  });

  it.each(["stranger", "nowhere"])("shows nothing behind the cursor of a %s", (kind) => {
    const { records, add } = opened();
    add();
    const foreign = add({ owner: "another" });
    const after = kind === "stranger" ? foreign.id : "imgjob_0";
    expect(records.page({ owner: "owner", limit: 10, after })).toEqual({ jobs: [], hasMore: false });
  });

  it("goes on behind a cursor that has ended since", () => {
    const { records, add, end } = opened();
    const [first, second] = [add(), add()];
    end(second);
    const page = records.page({ owner: "owner", limit: 10, after: second.id, live: true });
    expect(page.jobs.map(({ id }) => id)).toEqual([first.id]);
  });

  it("says there is more only when more would be shown", () => {
    const { records, add, end } = opened();
    const [ended] = [add(), add()];
    end(ended);
    expect(records.page({ owner: "owner", limit: 1, live: true }).hasMore).toBe(false);
    expect(records.page({ owner: "owner", limit: 1 }).hasMore).toBe(true);
  });
});
