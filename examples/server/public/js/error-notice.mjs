// @ts-check

import { h, setText } from "./element.mjs";
import { explain, smallPrint } from "./errors.mjs";

/** @typedef {import("./api.mjs").ApiFailure} ApiFailure */

/**
 * A failure in words, with the way on.
 *
 * @param {ApiFailure} failure
 * @param {{ testid: string, onRetry?: (() => void) | undefined, onClose?: (() => void) | undefined, isLoud?: boolean }} options
 *   `isLoud`: read out at once
 */
export function errorNotice(failure, { testid, onRetry, onClose, isLoud = false }) {
  const { title, advice, detail } = explain(failure);
  const retry =
    onRetry && h("button", { class: "small-button", type: "button", on: { click: onRetry } }, "Try again");
  const wait = h("p", { class: "error-wait", hidden: true });
  const element = h(
    "div",
    { class: "error", "data-testid": testid, "data-code": failure.code, role: isLoud ? "alert" : false },
    h("p", { class: "error-title" }, title),
    h("p", {}, advice),
    detail !== "" && detail !== title && h("p", { class: "error-detail" }, detail),
    wait,
    h("p", { class: "error-small" }, smallPrint(failure)),
    (retry || onClose) &&
      h(
        "div",
        { class: "error-actions" },
        retry,
        onClose && h("button", { class: "small-button", type: "button", on: { click: onClose } }, "Dismiss"),
      ),
  );
  return {
    element,
    /** Shows how long to wait; called each second. */
    tick(/** @type {number} */ now) {
      const seconds = failure.retryAt === null ? 0 : Math.ceil((failure.retryAt - now) / 1000);
      wait.hidden = failure.retryAt === null;
      setText(wait, seconds > 0 ? `You can try again in ${seconds} s.` : "You can try again now.");
      if (retry) retry.disabled = seconds > 0;
    },
  };
}
