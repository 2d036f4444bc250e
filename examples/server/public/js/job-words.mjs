// @ts-check

const PHASES = /** @type {Record<string, string>} */ ({
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
      return waitingWords(queuePosition);
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
      // The gateway has handed it on, and the upstream has a queue of its own.
      if (phase === "queued") return waitingWords(queuePosition);
      const name = PHASES[phase ?? ""] ?? "Working";
      const isCounted = step !== null && (phase === "sampling" || phase === null);
      return isCounted ? `${name}, step ${step}${steps === null ? "" : ` of ${steps}`}` : name;
    }
  }
}

const waitingWords = (/** @type {number | null} */ place) =>
  place === null ? "Waiting" : `Waiting, number ${place} in line`;

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

/**
 * Width divided by height of what was asked for, where that is known.
 *
 * @param {import("./job.mjs").Job} job
 */
export function ratioOf({ request, images }) {
  const [first] = images;
  if (first !== undefined) return first.width / first.height;
  const [width, height] = (request?.["size"] ?? "").split("x").map(Number);
  return width > 0 && height > 0 ? width / height : undefined;
}

/**
 * The room a card makes for so many pictures of a ratio; neither a tower nor a ribbon.
 *
 * @param {number} ratio
 * @param {number} count
 */
export function stageRatio(ratio, count) {
  const columns = columnsOf(count);
  return Math.min(16 / 9, Math.max(1, (ratio * columns) / Math.ceil(count / columns)));
}

export const columnsOf = (/** @type {number} */ count) => Math.ceil(Math.sqrt(count));
