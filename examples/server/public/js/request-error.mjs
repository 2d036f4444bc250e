// @ts-check
import { byId } from "./element.mjs";
import { errorNotice } from "./error-notice.mjs";
import { explain } from "./errors.mjs";
import { isNarrow } from "./narrow.mjs";

const TICK_MS = 500;

/**
 * The error of a request that was refused, next to the button that sent it; marks the field at fault.
 *
 * @param {{
 *   mark: (field: import("./errors.mjs").Field, message: string) => void,
 *   onRetry: () => void,
 *   onClose: () => void,
 * }} options
 */
export function mountRequestError({ mark, onRetry, onClose }) {
  const place = byId("error");
  /** @type {import("./api.mjs").ApiFailure | null} */
  let shown = null;
  /** @type {ReturnType<typeof errorNotice> | undefined} */
  let notice;
  setInterval(() => notice?.tick(Date.now()), TICK_MS);

  return (/** @type {import("./api.mjs").ApiFailure | null} */ failure) => {
    if (failure === shown) return;
    shown = failure;
    if (failure === null) {
      notice = undefined;
      place.replaceChildren();
      return;
    }
    const { field, title } = explain(failure);
    // What must be changed first is not tried again as it is.
    notice = errorNotice(failure, {
      testid: "error",
      onClose,
      isLoud: true,
      onRetry: field ? undefined : onRetry,
    });
    notice.tick(Date.now());
    place.replaceChildren(notice.element);
    if (field !== undefined) mark(field, title);
    else place.scrollIntoView({ block: isNarrow() ? "center" : "nearest" });
  };
}
