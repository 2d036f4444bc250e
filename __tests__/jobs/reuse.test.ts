import { created, numbered, settled, started, updated } from "../../lib/jobs/changes";
import { cancelled, failed, queueTimeout } from "../../lib/jobs/ends";
import { adopted, isAdoptable, orphaned } from "../../lib/jobs/reuse";
import type { JobImage, JobRecord } from "../../lib/ports";
import { newJob } from "./memory/bench";

const image = (place: number, isKept: boolean): JobImage => ({
  place,
  contentType: "image/png",
  bytes: 1,
  width: 1,
  height: 1,
  ...(isKept ? { kept: { key: "k".repeat(32), expiresAt: 1 } } : {}),
});
const orphan = (job: JobRecord) => isAdoptable(orphaned(job, 1, "fingerprint"));
const running = started(created(newJob(), 0), 0);
const withImages = (...images: JobImage[]) => updated(running, { images }) ?? running;
const completed = (...images: JobImage[]) =>
  settled(running, { status: "completed", images, warnings: [] }, 0, 1);

it.each<[string, JobRecord, boolean]>([
  ["that waits", created(newJob(), 0), true],
  ["that runs", running, true],
  ["that runs and has kept all that came", withImages(image(0, true)), true],
  [
    "that runs and of which one went to the caller who left",
    withImages(image(0, true), image(1, false)),
    false,
  ],
  ["that has completed, all of it kept", completed(image(0, true)), true],
  ["that has completed and was handed out", completed(image(0, false)), false],
  ["that was cancelled", settled(running, cancelled(), 0, 1), false],
  ["that failed with nothing begun", settled(running, failed(queueTimeout()), 0, 1), false],
])("an orphan %s may be taken over: %p", (_which, job, isSo) => {
  expect(orphan(job)).toBe(isSo);
});

it("is taken over once", () => {
  expect(isAdoptable(running)).toBe(false);
  expect(isAdoptable(adopted(orphaned(numbered(running), 1, "fingerprint")))).toBe(false);
});
