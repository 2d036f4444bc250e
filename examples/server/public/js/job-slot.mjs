// @ts-check
import { developingImage } from "./developing-image.mjs";
import { h, setAttribute } from "./element.mjs";

/**
 * One picture of a job's card: forms while the job runs, opens the lightbox when it is done.
 *
 * @param {{
 *   onOpen: (picture: import("./state.mjs").Picture, opener: HTMLElement) => void,
 *   onBroken: (picture: import("./state.mjs").Picture) => void,
 *   onRatio: (ratio: number) => void,
 * }} options
 */
export function jobSlot({ onOpen, onBroken, onRatio }) {
  const image = developingImage({ onRatio });
  const element = h(
    "button",
    {
      class: "slot",
      type: "button",
      disabled: true,
      on: { click: () => picture && onOpen(picture, element) },
    },
    image.element,
  );
  /** @type {import("./state.mjs").Picture | undefined} */
  let picture;
  let seq = -1;

  const finish = async (/** @type {import("./state.mjs").Picture} */ finished, /** @type {string} */ alt) => {
    const isShown = await image.showFinished(finished.src, alt);
    if (!isShown && picture === finished) onBroken(finished);
    element.classList.toggle("is-finished", isShown);
  };

  return {
    element,
    /** @param {{ job: import("./job.mjs").Job, index: number }} item */
    update({ job, index }) {
      const preview = job.previews[index];
      const finished = job.pictures?.[index];
      const name = job.count > 1 ? `picture ${index + 1} of ${job.count}` : "picture";
      const prompt = job.request?.["prompt"] ?? "a request of another client";
      if (finished !== undefined && finished !== picture) {
        picture = finished;
        element.disabled = false;
        setAttribute(element, "aria-label", `Open ${name}: ${prompt}`);
        void finish(finished, prompt);
      } else if (preview !== undefined && preview.seq > seq) {
        seq = preview.seq;
        void image.showPreview(preview.blob, `Unfinished ${name}`);
      }
    },
  };
}
