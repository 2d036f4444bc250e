// @ts-check

/**
 * @typedef {"prompt" | "model" | "size" | "quality" | "style" | "n" | "output_format" | "response_format" | "key"} Field
 * @typedef {{ title: string, advice: string, field?: Field }} Saying
 */

const FIELDS = new Set([
  "prompt",
  "model",
  "size",
  "quality",
  "style",
  "n",
  "output_format",
  "response_format",
]);

/** What happened and what to do, for the codes that call for more than the server's own sentence. */
const BY_CODE = /** @type {Record<string, Saying>} */ ({
  network: {
    title: "The server did not answer.",
    advice:
      "Your prompt is still here. This page tries to reach the server by itself: generate again when it is back.",
  },
  not_json: {
    title: "Something else answered in the gateway’s place.",
    advice: "A proxy or another server may sit on this address. Check where this page was opened from.",
  },
  page_error: {
    title: "This page could not make sense of the answer.",
    advice: "Reload it. The job itself may well have finished: look in the gallery.",
  },
  invalid_api_key: {
    title: "The server does not know this API key.",
    advice: "Correct it, or pick one of the demo keys.",
    field: "key",
  },
  missing_capability: {
    title: "This key may not make images.",
    advice: "It is known but lacks the capability “images”. Use another key, such as aigw_sk_demo.",
    field: "key",
  },
  model_not_found: {
    title: "This model is not there for you.",
    advice: "It does not exist here, or this key may not use it. Choose another from the list.",
    field: "model",
  },
  content_policy_violation: {
    title: "The provider declined this prompt.",
    advice: "Say it in other words and try again.",
    field: "prompt",
  },
  request_too_large: {
    title: "The request is too large.",
    advice: "Shorten the prompt.",
    field: "prompt",
  },
  rate_limit_exceeded: {
    title: "Too many requests in a short time.",
    advice: "Nothing was started. Try again in a moment.",
  },
  concurrency_limit: {
    title: "This key has as many jobs running as it may.",
    advice: "Wait for one to finish, or cancel one.",
  },
  queue_full: { title: "The line is full.", advice: "Nothing was started. Try again in a moment." },
  queue_timeout: {
    title: "The job waited too long for its turn.",
    advice: "It was not started. Try again when there is less to do.",
  },
  starting: {
    title: "The server is still starting.",
    advice: "It will be ready in a few seconds: try again then.",
  },
  draining: {
    title: "The server is shutting down.",
    advice: "It takes no new jobs. This page tries to come back by itself.",
  },
  closed: {
    title: "The image service on this server has been stopped.",
    advice: "It comes back with the next start of the server.",
  },
  storage_unavailable: {
    title: "There is no room for more pictures.",
    advice: "Nothing was started. Older pictures expire by themselves: try again later.",
  },
  provider_unavailable: {
    title: "The provider of this model is not available.",
    advice: "Try again in a moment, or choose another model.",
  },
  provider_misconfigured: {
    title: "The provider of this model is not set up properly.",
    advice: "That is for whoever runs the server. Another model may work.",
  },
  upstream_auth_error: {
    title: "The provider refused the server’s own credentials.",
    advice: "That is for whoever runs the server. Another model may work.",
  },
  upstream_error: {
    title: "The provider failed while making the picture.",
    advice: "It was not repeated for you, since it may have been paid for. Generate again to try once more.",
  },
  upstream_invalid_response: {
    title: "The provider answered something that is no picture.",
    advice: "Generate again, or choose another model.",
  },
  upstream_timeout: {
    title: "The provider took too long.",
    advice: "Generate again, perhaps with a smaller size or fewer pictures.",
  },
  result_expired: {
    title: "The pictures of this job are no longer kept.",
    advice: "Stored pictures live for an hour. Run it again to get new ones.",
  },
  internal_error: {
    title: "Something went wrong on the server.",
    advice: "Generate again. If it stays, report it with the request id below.",
  },
});

/** By what is wrong with a field, where the code says only that something is. */
const BY_FIELD = /** @type {Record<string, string>} */ ({
  prompt: "The prompt cannot be taken as it is.",
  model: "The model is not right.",
  size: "This size does not work.",
  quality: "This quality does not work.",
  style: "This style does not work.",
  n: "This number of pictures does not work.",
  output_format: "This file format does not work.",
  response_format: "This kind of answer does not work.",
});

/** @type {Record<number, Saying>} */
const BY_STATUS = {
  401: /** @type {Saying} */ (BY_CODE["invalid_api_key"]),
  403: { title: "This key may not do that.", advice: "Use another key.", field: "key" },
  404: { title: "There is no such thing on the server.", advice: "Reload the page and try again." },
  429: /** @type {Saying} */ (BY_CODE["rate_limit_exceeded"]),
  503: { title: "The server is busy.", advice: "Nothing was started. Try again in a moment." },
};

/**
 * A failure as a person would want it told; `detail` is the server's own sentence.
 *
 * @param {import("./api.mjs").ApiFailure} failure
 * @returns {{ title: string, advice: string, detail: string, field: Field | undefined }}
 */
export function explain(failure) {
  const { code, status, param, message } = failure;
  const isFromServer = !["network", "not_json", "page_error"].includes(code ?? "");
  const detail = isFromServer ? message : "";
  const known = BY_CODE[code ?? ""];
  const field =
    known?.field ?? (param !== null && FIELDS.has(param) ? /** @type {Field} */ (param) : undefined);
  if (known !== undefined) return { ...known, detail, field };
  if (field !== undefined) {
    return { title: BY_FIELD[field] ?? message, advice: "Change it and generate again.", detail, field };
  }
  const byStatus = BY_STATUS[status];
  if (byStatus !== undefined) return { ...byStatus, detail, field: byStatus.field };
  return {
    title: "The request was refused.",
    advice: status >= 500 ? "Try again in a moment." : "Change the request and try again.",
    detail,
    field,
  };
}

/**
 * A failure in few words, to stand at the field at fault. Where the code says only that something is wrong, the server's own
 * sentence says more: what the chosen model takes.
 *
 * @param {import("./api.mjs").ApiFailure} failure
 */
export function explainAtField(failure) {
  const { title, advice, detail, field } = explain(failure);
  const isPlain = BY_CODE[failure.code ?? ""] === undefined && BY_FIELD[field ?? ""] !== undefined;
  return isPlain && detail !== "" ? detail : `${title} ${advice}`;
}

/** Code, status and request id, for the small print. */
export const smallPrint = (/** @type {import("./api.mjs").ApiFailure} */ { code, status, requestId }) =>
  [status > 0 ? String(status) : "", code ?? "", requestId ?? ""].filter(Boolean).join(" · ");
