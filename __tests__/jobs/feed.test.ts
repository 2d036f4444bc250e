import { created, numbered } from "../../lib/jobs/changes";
import { createFeed } from "../../lib/jobs/feed";
import type { JobRecord } from "../../lib/ports";
import { newJob } from "./memory/bench";

const first: JobRecord = created(newJob(), 0, undefined);

describe("the feed of changes", () => {
  it("tells everybody in order although a listener causes the next change", () => {
    const feed = createFeed();
    const heard: string[] = [];
    feed.watch((job) => {
      heard.push(`a${job.seq}`);
      if (job.seq < 3) feed.tell(numbered(job));
    });
    feed.watch((job) => heard.push(`b${job.seq}`));
    feed.tell(first);
    expect(heard).toEqual(["a1", "b1", "a2", "b2", "a3", "b3"]);
  });

  it("tells a listener that comes in the middle from the next change on, and one that goes no more", () => {
    const feed = createFeed();
    const heard: number[] = [];
    const late = (job: JobRecord) => heard.push(job.seq);
    let stopGoing = () => {};
    feed.watch((job) => {
      if (job.seq > 1) return;
      feed.watch(late);
      stopGoing();
    });
    const going = jest.fn();
    stopGoing = feed.watch(going);
    feed.tell(first);
    feed.tell(numbered(first));
    expect(heard).toEqual([2]);
    expect(going).not.toHaveBeenCalled();
  });

  it("counts one function that listens twice as two", () => {
    const feed = createFeed();
    const listener = jest.fn();
    const stop = feed.watch(listener);
    feed.watch(listener);
    stop();
    feed.tell(first);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(listener).toHaveBeenCalledWith(first);
  });

  it("tells followers of their own job only, until they stop", () => {
    const feed = createFeed();
    const heard: string[] = [];
    const stop = feed.follow(first.id, ({ id }) => heard.push(id));
    feed.tell(first);
    feed.tell({ ...first, id: "other" });
    stop();
    stop();
    feed.tell(first);
    expect(heard).toEqual([first.id]);
  });
});
