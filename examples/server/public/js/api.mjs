// @ts-check

/** The error object of an answer, with what its headers say. `status` 0: there was no answer at all. */
export class ApiFailure extends Error {
  /**
   * @param {{
   *   status: number, message: string, code?: string | null, param?: string | null,
   *   requestId?: string | null, jobId?: string | null, retryAfterSeconds?: number | null,
   * }} facts
   */
  constructor({ status, message, code, param, requestId, jobId, retryAfterSeconds }) {
    super(message);
    this.name = "ApiFailure";
    this.status = status;
    this.code = code ?? null;
    this.param = param ?? null;
    this.requestId = requestId ?? null;
    this.jobId = jobId ?? null;
    this.retryAt = retryAfterSeconds ? Date.now() + retryAfterSeconds * 1000 : null;
  }
}

/**
 * The calls this page makes. The key is asked for each time, because it can be edited.
 *
 * @param {{ base: URL, keyOf: () => string }} options
 */
export function createApi({ base, keyOf }) {
  /**
   * @param {string} path
   * @param {{ method?: string, body?: unknown, headers?: Record<string, string>, key?: string | undefined }} [request]
   */
  async function call(path, { method = "GET", body, headers = {}, key = keyOf() } = {}) {
    const response = await fetch(new URL(path, base), {
      method,
      cache: "no-store",
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiFailure({ status: 0, message: "There was no answer.", code: "network" });
    });
    const facts = {
      status: response.status,
      requestId: response.headers.get("x-request-id"),
      jobId: response.headers.get("x-image-job-id"),
    };
    const json = await response.json().catch((error) => {
      // A connection that broke in the middle of an answer is no broken answer.
      const isBroken = error instanceof SyntaxError;
      throw new ApiFailure({
        ...facts,
        status: isBroken ? response.status : 0,
        message: isBroken ? "The answer is not JSON." : "The answer broke off.",
        code: isBroken ? "not_json" : "network",
      });
    });
    if (!response.ok) {
      throw new ApiFailure({
        ...facts,
        ...json?.error,
        message: json?.error?.message ?? `The server answered ${response.status}.`,
        retryAfterSeconds: Number(response.headers.get("retry-after")) || null,
      });
    }
    return { json, ...facts };
  }

  return {
    /**
     * @param {Record<string, unknown>} body
     * @param {{ clientRequestId: string, background: boolean }} how `background`: ask for 202 instead of waiting; a server
     *   that does not know it waits all the same
     */
    generate: (body, { clientRequestId, background }) =>
      call("images/generations", {
        method: "POST",
        body,
        headers: {
          "x-client-request-id": clientRequestId,
          ...(background ? { prefer: "respond-async" } : {}),
        },
      }),
    models: () => call("models").then(({ json }) => json.data),
    /** @param {number} limit */
    jobs: (limit) => call(`images/jobs?limit=${limit}`).then(({ json }) => json.data),
    /**
     * @param {string} id
     * @param {string} [key]
     */
    job: (id, key) => call(`images/jobs/${id}`, { key }).then(({ json }) => json),
    /** @param {string} id */
    cancel: (id) => call(`images/jobs/${id}/cancel`, { method: "POST" }).then(({ json }) => json),
  };
}
