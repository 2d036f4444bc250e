import type { IncomingMessage } from "node:http";

/** How the caller wants to be answered (RFC 7240). What it prefers beyond these, or writes wrongly, is ignored, as the RFC demands. */
export interface Preferences {
  /** `202` with the job instead of waiting for its end. */
  readonly respondAsync: boolean;
  /** How long it would wait for the end, in whole seconds, at most {@link LONGEST_WAIT_SECONDS}. */
  readonly waitSeconds: number | undefined;
}

const NONE: Preferences = { respondAsync: false, waitSeconds: undefined };

/** Proxies cut what takes longer. */
export const LONGEST_WAIT_SECONDS = 60;

export function preferencesOf(req: IncomingMessage): Preferences {
  const given = req.headers["prefer"];
  if (typeof given !== "string") return NONE;
  let respondAsync = false;
  let waitSeconds: number | undefined;
  for (const each of given.split(",")) {
    const [name = "", value] = (each.split(";", 1)[0] ?? "").split("=", 2).map((part) => part.trim());
    // Of a preference that is given twice the first one counts.
    if (name.toLowerCase() === "respond-async" && value === undefined) respondAsync = true;
    if (name.toLowerCase() === "wait") waitSeconds ??= wholeSeconds(value);
  }
  return { respondAsync, waitSeconds };
}

function wholeSeconds(value = ""): number | undefined {
  const digits = /^"?(\d{1,9})"?$/.exec(value)?.[1];
  return digits === undefined ? undefined : Math.min(LONGEST_WAIT_SECONDS, Number(digits));
}

/** For `Preference-Applied`. */
export function appliedPreferences({ respondAsync, waitSeconds }: Preferences): string {
  const wait = waitSeconds === undefined ? [] : [`wait=${waitSeconds}`];
  return [...(respondAsync ? ["respond-async"] : []), ...wait].join(", ");
}
