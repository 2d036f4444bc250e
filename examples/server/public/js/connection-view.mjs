// @ts-check
import { byId, h, setAttribute, setText } from "./element.mjs";
import { explain } from "./errors.mjs";

/** @typedef {import("./state.mjs").Connection} Connection */

const TICK_MS = 500;

const LABELS = {
  connecting: "Connecting",
  online: "Live",
  waiting: "Reconnecting",
  offline: "Offline",
  refused: "Key refused",
  expired: "Session ended",
};

/**
 * @param {Connection} connection
 * @returns {{ text: string, action?: string } | undefined}
 */
export function noticeOf({ status, reason, failure }) {
  switch (status) {
    case "connecting":
    case "online":
      return undefined;
    case "offline":
      return {
        text: "You are offline. Jobs that run go on without you; this page catches up when you are back.",
      };
    case "waiting":
      // It may be a restart, or for good: the page cannot know.
      if (reason === "shutdown") {
        return {
          text: "The server closed the connection. This page tries to come back by itself.",
          action: "Try now",
        };
      }
      if (reason === "flood")
        return { text: "The server found this page too busy and let it go.", action: "Try now" };
      return { text: "The connection to the server is gone.", action: "Try now" };
    case "expired":
      return {
        text: "The session of this key has ended, so progress is no longer shown. Enter a new key, or connect again.",
        action: "Connect again",
      };
    case "refused": {
      const { title, advice } = failure ? explain(failure) : { title: "The key was refused.", advice: "" };
      return { text: `${title} ${advice}`, action: "Try again" };
    }
  }
}

/** @param {{ onRetry: () => void }} options */
export function mountConnection({ onRetry }) {
  const badge = byId("connection");
  const label = badge.querySelector(".badge-text");
  const notice = byId("connection-notice");
  const text = h("span", {});
  const wait = h("span", { class: "notice-wait" });
  const action = h("button", { class: "small-button", type: "button", on: { click: onRetry } });
  notice.append(h("p", {}, text, " ", wait), action);
  const head = byId("head");
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--top", `${head.offsetHeight}px`);
  }).observe(head);
  /** @type {Connection | undefined} */
  let shown;
  let wasTold = false;

  const tick = () => {
    const seconds = Math.ceil(((shown?.retryAt ?? 0) - Date.now()) / 1000);
    setText(wait, shown?.retryAt === undefined ? "" : seconds > 0 ? `Next try in ${seconds} s.` : "Trying…");
  };
  setInterval(tick, TICK_MS);

  /** `isTold`: elsewhere on the page, so that only the badge is needed */
  return (/** @type {Connection} */ connection, /** @type {{ isTold: boolean }} */ { isTold }) => {
    if (connection === shown && isTold === wasTold) return;
    shown = connection;
    wasTold = isTold;
    setAttribute(badge, "data-state", connection.status);
    setAttribute(document.body, "data-connection", connection.status);
    setText(label, LABELS[connection.status]);
    const saying = noticeOf(connection);
    notice.hidden = saying === undefined || isTold;
    setText(text, saying?.text ?? "");
    setText(action, saying?.action ?? "");
    action.hidden = saying?.action === undefined;
    tick();
  };
}
