// @ts-check

/**
 * What outlives a reload of this tab, and nothing longer: the key in use, what stands in the form, and the prompts of its
 * requests, which the server does not tell again.
 */
const KEY = "playground.key";
const FORM = "playground.form";
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

/** @returns {Record<string, any> | undefined} */
export const rememberedForm = () => {
  const request = read(FORM);
  return typeof request?.prompt === "string" && typeof request.size === "string" ? request : undefined;
};

/**
 * As long as there is no list of models none is chosen, and the choice from before stays.
 *
 * @param {Record<string, unknown>} request
 */
export const rememberForm = (request) =>
  write(FORM, { ...request, model: request["model"] || rememberedForm()?.["model"] });

const placeOf = (/** @type {string | null} */ clientRequestId) =>
  (read(REQUESTS) ?? []).findIndex((/** @type {any} */ [id]) => id === clientRequestId);

/**
 * @param {string | null} clientRequestId
 * @returns {Record<string, any> | null}
 */
export const rememberedRequest = (clientRequestId) => read(REQUESTS)?.[placeOf(clientRequestId)]?.[1] ?? null;

/**
 * Whether this tab sent one request after the other.
 *
 * @param {string | null} one
 * @param {string | null} other
 */
export const isSentAfter = (one, other) => placeOf(other) !== -1 && placeOf(one) > placeOf(other);

/**
 * @param {string} clientRequestId
 * @param {Record<string, unknown>} request
 */
export function rememberRequest(clientRequestId, request) {
  write(REQUESTS, [...(read(REQUESTS) ?? []), [clientRequestId, request]].slice(-MOST_REQUESTS));
}
