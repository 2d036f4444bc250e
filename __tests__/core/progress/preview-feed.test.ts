import { createPreviewFeed } from "../../../lib/core/progress/preview-feed";
import type { JobPreview } from "../../../lib/ports";

const job = { id: "imgjob_1", owner: "o" };
const preview: JobPreview = {
  job,
  seq: 1,
  imageIndex: 0,
  contentType: "image/png",
  bytes: new Uint8Array(1),
};

describe("createPreviewFeed", () => {
  it("wants nothing while nobody listens", () => {
    expect(createPreviewFeed().wanted(job)).toBe(false);
  });

  it("wants previews of a job as soon as one listener does", () => {
    const feed = createPreviewFeed();
    feed.listen({ wants: () => false, show: () => {} });
    expect(feed.wanted(job)).toBe(false);
    feed.listen({ wants: ({ id }) => id === "imgjob_1", show: () => {} });
    expect(feed.wanted(job)).toBe(true);
    expect(feed.wanted({ ...job, id: "imgjob_2" })).toBe(false);
  });

  it("shows each preview to every listener, until that stops", () => {
    const feed = createPreviewFeed();
    const shown: string[] = [];
    const listen = (name: string) =>
      feed.listen({ wants: () => true, show: ({ seq }) => shown.push(`${name}${seq}`) });
    const stop = listen("a");
    listen("b");
    feed.publish(preview);
    stop();
    stop();
    feed.publish({ ...preview, seq: 2 });
    expect(shown).toEqual(["a1", "b1", "b2"]);
    expect(feed.wanted(job)).toBe(true);
  });
});

describe("a feed with a channel to other processes", () => {
  function channelled(wanted = false) {
    const published: JobPreview[] = [];
    const listening = new Map<string, (preview: JobPreview) => void>();
    const feed = createPreviewFeed({
      wanted: () => wanted,
      publish: (each) => void published.push(each),
      listen(owner, show) {
        listening.set(owner, show);
        return () => void listening.delete(owner);
      },
    });
    return { feed, published, listening };
  }

  it("sends what somebody wants elsewhere, and nothing else", () => {
    const quiet = channelled();
    quiet.feed.publish(preview);
    expect([quiet.feed.wanted(job), quiet.published]).toEqual([false, []]);
    const asked = channelled(true);
    asked.feed.publish(preview);
    expect([asked.feed.wanted(job), asked.published]).toEqual([true, [preview]]);
  });

  it("listens for an owner as long as anybody here looks, once", () => {
    const { feed, listening } = channelled();
    const shown: JobPreview[] = [];
    feed.listen({ wants: () => true, show: (each) => void shown.push(each) });
    const [first, second] = [feed.attend(job.owner), feed.attend(job.owner)];
    listening.get(job.owner)?.(preview);
    expect(shown).toEqual([preview]);
    first();
    first();
    expect(listening.size).toBe(1);
    second();
    expect(listening.size).toBe(0);
  });

  it("does not send on what came from elsewhere", () => {
    const { feed, listening, published } = channelled(true);
    feed.attend(job.owner);
    listening.get(job.owner)?.(preview);
    expect(published).toEqual([]);
  });
});
