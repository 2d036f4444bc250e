// @ts-check
import { byId } from "./element.mjs";
import { errorNotice } from "./error-notice.mjs";
import { explain, explainAtField, smallPrint } from "./errors.mjs";
import { isNarrow } from "./narrow.mjs";

const TICK_MS = 500;

/**
 * The error of a request that was refused: at the field at fault, or else next to the button that sent it. Never at both.
 *
 * @param {{
 *   mark: (field: import("./errors.mjs").Field, message: string, small: string) => void,
 *   announce: (text: string) => void,
 *   onRetry: () => void,
 *   onClose: () => void,
 * }} options
 */
export function mountRequestError({ mark, announce, onRetry, onClose }) {
  const place = byId("error");
  /** @type {import("./api.mjs").ApiFailure | null} */
  let shown = null;
  /** @type {ReturnType<typeof errorNotice> | undefined} */
  let notice;
  setInterval(() => notice?.tick(Date.now()), TICK_MS);

  return (/** @type {import("./api.mjs").ApiFailure | null} */ failure) => {
    if (failure === shown) return;
    shown = failure;
    notice = undefined;
    place.replaceChildren();
    if (failure === null) return;
    const { field } = explain(failure);
    if (field !== undefined) {
      const words = explainAtField(failure);
      mark(field, words, smallPrint(failure));
      // The focus may have been in the field already; then nothing else would be read out.
      announce(words);
      return;
    }
    notice = errorNotice(failure, { testid: "error", onClose, isLoud: true, onRetry });
    notice.tick(Date.now());
    place.replaceChildren(notice.element);
    place.scrollIntoView({ block: isNarrow() ? "center" : "nearest" });
  };
}
