import { createPreviewFeed, type JobPreview } from "../../../lib/core/progress/preview-feed";

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
