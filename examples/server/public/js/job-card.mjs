// @ts-check
import { elapsed } from "./durations.mjs";
import { h, setAttribute, setText } from "./element.mjs";
import { errorNotice } from "./error-notice.mjs";
import { icon } from "./icons.mjs";
import { hasEnded } from "./job.mjs";
import { jobSlot } from "./job-slot.mjs";
import { columnsOf, factsOf, ratioOf, stageRatio, statusWords } from "./job-words.mjs";
import { keyedList } from "./keyed-list.mjs";

/** @typedef {import("./job.mjs").Job} Job */

const LOST =
  "The server was restarted and does not know this job any more. Nothing of it is left running: send it again if you still want it.";

/**
 * The card of one job, from the moment it is sent.
 *
 * @param {Job} first
 * @param {{
 *   onCancel: (localId: string) => void,
 *   onDismiss: (localId: string) => void,
 *   onReuse: (request: Record<string, any>) => void,
 *   onOpen: (picture: import("./state.mjs").Picture, opener: HTMLElement) => void,
 *   onBroken: (picture: import("./state.mjs").Picture) => void,
 * }} options
 */
export function jobCard(first, { onCancel, onDismiss, onReuse, onOpen, onBroken }) {
  const titleId = `job-${first.localId}`;
  let job = first;

  const stage = h("div", { class: "stage" });
  const slots = keyedList(stage, {
    keyOf: (/** @type {{ job: Job, index: number }} */ { index }) => String(index),
    create: () => jobSlot({ onOpen, onBroken, onRatio: showStage }),
  });
  const title = h("h3", { class: "job-prompt", id: titleId });
  const facts = h("p", { class: "job-facts" });
  const percent = h("span", { class: "job-percent", "aria-hidden": "true" });
  const status = h("span", { class: "job-status", "data-testid": "job-status" });
  const time = h("span", { class: "job-time" });
  const bar = h(
    "div",
    {
      class: "bar",
      role: "progressbar",
      "data-testid": "job-bar",
      "aria-labelledby": titleId,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    h("div", { class: "bar-ink" }),
    h("div", { class: "bar-edge" }),
  );
  const warnings = h("ul", { class: "warnings", "data-testid": "job-warnings", hidden: true });
  const trouble = h("div", { class: "job-trouble" });
  const cancel = h(
    "button",
    {
      class: "small-button",
      type: "button",
      "data-testid": "job-cancel",
      on: { click: () => onCancel(job.localId) },
    },
    "Cancel",
  );
  const reuse = h(
    "button",
    {
      class: "small-button",
      type: "button",
      "data-testid": "job-reuse",
      on: { click: () => job.request && onReuse(job.request) },
    },
    icon("reuse"),
    "Edit and rerun",
  );
  const dismiss = h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "data-testid": "job-dismiss",
      "aria-label": "Put this card away",
      title: "Put away",
      on: { click: () => onDismiss(job.localId) },
    },
    icon("close"),
  );
  const element = h(
    "article",
    { class: "job", "data-testid": "job-card", "aria-labelledby": titleId },
    stage,
    h(
      "div",
      { class: "job-body" },
      h("div", { class: "job-head" }, title, dismiss),
      facts,
      h("div", { class: "job-meter" }, percent, h("div", { class: "job-words" }, status, time)),
      bar,
      warnings,
      trouble,
      h("div", { class: "job-actions" }, cancel, reuse),
    ),
  );

  /** @type {ReturnType<typeof errorNotice> | undefined} */
  let notice;
  /** @type {unknown} */
  let shownTrouble;
  const showTrouble = () => {
    const subject = job.status === "lost" ? LOST : job.failure;
    if (subject === shownTrouble) return;
    shownTrouble = subject;
    notice = job.failure ? errorNotice(job.failure, { testid: "job-error" }) : undefined;
    const content = notice?.element ?? (subject === LOST ? h("p", { class: "job-lost" }, LOST) : undefined);
    trouble.replaceChildren(...(content === undefined ? [] : [content]));
  };

  /** The size may be the model's choice, or another client's: then the first preview tells. */
  let seenRatio = 4 / 3;
  function showStage(/** @type {number} */ ratio) {
    seenRatio = ratio;
    stage.style.setProperty("--ratio", String(stageRatio(ratio, job.count)));
    stage.style.setProperty("--columns", String(columnsOf(job.count)));
  }

  const showBar = (/** @type {string} */ words) => {
    element.style.setProperty("--progress", `${job.progress}%`);
    setAttribute(bar, "aria-valuenow", job.progress);
    setAttribute(bar, "aria-valuetext", `${job.progress} %, ${words}`);
    setText(percent, String(job.progress));
  };

  const showWarnings = () => {
    warnings.hidden = job.warnings.length === 0;
    if (warnings.childElementCount === job.warnings.length) return;
    warnings.replaceChildren(...job.warnings.map(({ message }) => h("li", {}, message)));
  };

  return {
    element,
    update(/** @type {Job} */ next) {
      job = next;
      const words = statusWords(job);
      const isOver = hasEnded(job);
      const isIdle = job.status === "sending" || job.status === "queued";
      setAttribute(element, "data-status", job.status);
      setAttribute(element, "data-job-id", job.id);
      element.classList.toggle("is-live", !isOver);
      element.classList.toggle("is-idle", isIdle);
      element.classList.toggle("is-awaited", job.isAwaited);
      element.classList.toggle("is-without-picture", isOver && job.pictures === null);
      showStage(ratioOf(job) ?? seenRatio);
      slots(Array.from({ length: job.count }, (_, index) => ({ job, index })));
      setText(title, job.request?.["prompt"] ?? "A request from another client");
      // Long prompts are cut after a few lines.
      setAttribute(title, "title", job.request?.["prompt"]);
      setText(facts, factsOf(job));
      setText(status, words);
      showBar(words);
      showWarnings();
      showTrouble();
      cancel.hidden = isOver;
      cancel.disabled = job.isCancelling;
      setText(cancel, job.isCancelling ? "Cancelling…" : "Cancel");
      reuse.hidden = !isOver || job.request === null;
      dismiss.hidden = !isOver;
      this.tick(Date.now());
    },
    tick(/** @type {number} */ now) {
      setText(time, elapsed((job.endedAt ?? now) - job.startedAt));
      notice?.tick(now);
    },
  };
}
