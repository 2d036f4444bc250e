// @ts-check

import { noticeOf } from "./connection-view.mjs";
import { byId } from "./element.mjs";
import { explain } from "./errors.mjs";
import { jobsOfKey } from "./state.mjs";

const WORDS = 8;

/**
 * Tells screen readers what changed: beginnings, ends and the connection, never single percents.
 */
export function createAnnouncer() {
  const region = byId("announcer");
  /** @type {Map<string, string>} */
  const statuses = new Map();
  let connection = "online";

  const announce = (/** @type {string} */ text) => {
    region.textContent = text;
  };

  const name = (/** @type {import("./job.mjs").Job} */ { request }) => {
    const words = (request?.["prompt"] ?? "a request of another client").split(/\s+/);
    return `“${words.slice(0, WORDS).join(" ")}${words.length > WORDS ? " …" : ""}”`;
  };

  const sayingOf = (/** @type {import("./job.mjs").Job} */ job) => {
    switch (job.status) {
      case "in_progress":
        return `Started: ${name(job)}.`;
      case "completed":
        return `Finished: ${name(job)}.`;
      case "cancelled":
        return `Cancelled: ${name(job)}.`;
      case "failed":
        return `Failed: ${name(job)}. ${job.failure ? explain(job.failure).title : ""}`;
      case "lost":
        return `Lost with a restart of the server: ${name(job)}.`;
      default:
        return undefined;
    }
  };

  return {
    announce,
    /** @param {import("./state.mjs").State} state */
    follow(state) {
      const news = [];
      for (const job of jobsOfKey(state)) {
        if (statuses.get(job.localId) === job.status) continue;
        statuses.set(job.localId, job.status);
        news.push(sayingOf(job));
      }
      const { status } = state.connection;
      if (status !== connection && status !== "connecting") {
        news.push(status === "online" ? "Connected." : noticeOf(state.connection)?.text);
        connection = status;
      }
      const text = news.filter((each) => each !== undefined).join(" ");
      if (text !== "") announce(text);
    },
  };
}
