// @ts-check

const PHASES = /** @type {Record<string, string>} */ ({
  queued: "Waiting",
  loading: "Loading the model",
  sampling: "Drawing",
  decoding: "Decoding",
  saving: "Saving",
});

/**
 * What a job is doing, in a few words.
 *
 * @param {import("./job.mjs").Job} job
 */
export function statusWords(job) {
  const { status, queuePosition, phase, step, steps } = job;
  switch (status) {
    case "sending":
      return "Sending";
    case "queued":
      return queuePosition === null ? "Waiting" : `Waiting, number ${queuePosition} in line`;
    case "completed":
      return job.pictures === null ? "Fetching the pictures" : "Done";
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
    case "lost":
      return "Lost";
    case "in_progress": {
      if (job.isCancelling) return "Cancelling";
      const name = PHASES[phase ?? ""] ?? "Working";
      return step === null ? name : `${name}, step ${step}${steps === null ? "" : ` of ${steps}`}`;
    }
  }
}

/**
 * What was asked for, in a line.
 *
 * @param {import("./job.mjs").Job} job
 */
export function factsOf({ model, request, count, images, pictures }) {
  const first = images[0] ?? pictures?.[0];
  const size = first?.width ? `${first.width}×${first.height}` : request?.["size"]?.replace("x", "×");
  return [
    model,
    size,
    request?.["quality"],
    request?.["style"],
    count > 1 && `${count} pictures`,
    pictures?.[0]?.contentType.slice("image/".length),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Width divided by height that the card makes room for; neither a tower nor a ribbon. */
export function stageRatio(/** @type {import("./job.mjs").Job} */ { request, images, pictures, count }) {
  const first = images[0] ?? pictures?.[0];
  const [width, height] = (request?.["size"] ?? "").split("x").map(Number);
  const ratio = first?.width && first.height ? first.width / first.height : width / height;
  const columns = columnsOf(count);
  const whole = Number.isFinite(ratio) ? (ratio * columns) / Math.ceil(count / columns) : 4 / 3;
  return Math.min(16 / 9, Math.max(4 / 5, whole));
}

export const columnsOf = (/** @type {number} */ count) => Math.ceil(Math.sqrt(count));
