// @ts-check

/**
 * What outlives a reload of this tab, and nothing longer: the key in use, and the prompts of its requests, which the server does
 * not tell again.
 */
const KEY = "playground.key";
const REQUESTS = "playground.requests";
const MOST_REQUESTS = 100;

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function write(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works without.
  }
}

export const rememberedKey = () => {
  const key = read(KEY);
  return typeof key === "string" && key !== "" ? key : undefined;
};

/** @param {string} key */
export const rememberKey = (key) => write(KEY, key);

/**
 * @param {string | null} clientRequestId
 * @returns {Record<string, any> | null}
 */
export const rememberedRequest = (clientRequestId) =>
  (read(REQUESTS) ?? []).find((/** @type {any} */ [id]) => id === clientRequestId)?.[1] ?? null;

/**
 * @param {string} clientRequestId
 * @param {Record<string, unknown>} request
 */
export function rememberRequest(clientRequestId, request) {
  write(REQUESTS, [...(read(REQUESTS) ?? []), [clientRequestId, request]].slice(-MOST_REQUESTS));
}
