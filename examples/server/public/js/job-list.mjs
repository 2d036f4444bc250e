// @ts-check
import { byId, setText } from "./element.mjs";
import { hasEnded } from "./job.mjs";
import { jobCard } from "./job-card.mjs";
import { keyedList } from "./keyed-list.mjs";
import { jobsOfKey } from "./state.mjs";

const TICK_MS = 100;

/**
 * The cards of this key's jobs.
 *
 * @param {Parameters<typeof jobCard>[1] & { onClear: () => void }} options
 */
export function mountJobs({ onClear, ...cardOptions }) {
  const empty = byId("jobs-empty");
  const clear = byId("clear");
  const note = byId("jobs-note");
  /** @type {Map<string, ReturnType<typeof jobCard>>} */
  const cards = new Map();
  const show = keyedList(byId("jobs"), {
    keyOf: (/** @type {import("./job.mjs").Job} */ { localId }) => localId,
    create: (job) => {
      const card = jobCard(job, cardOptions);
      cards.set(job.localId, card);
      return { ...card, remove: () => void cards.delete(job.localId) };
    },
  });
  clear.addEventListener("click", onClear);

  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;
  const tick = () => {
    for (const card of cards.values()) card.tick(Date.now());
  };

  return (/** @type {import("./state.mjs").State} */ state) => {
    const jobs = jobsOfKey(state).filter(({ isDismissed }) => !isDismissed);
    show(jobs);
    const live = jobs.filter((job) => !hasEnded(job)).length;
    empty.hidden = jobs.length > 0;
    clear.hidden = jobs.length === live;
    setText(note, live === 0 ? "" : `${live} under way`);
    if (live > 0) ticking ??= setInterval(tick, TICK_MS);
    else {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}
