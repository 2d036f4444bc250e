import { describeError } from "../core/describe-error";
import { KIB } from "../internal/byte-sizes";
import type { Clock, HttpClient, JobNotifier, JobRecord, Logger, WebhookSigner } from "../ports";
import { HttpError } from "../ports";
import { toImageJob } from "../wire/job";

export interface NoticesOptions {
  readonly signer: WebhookSigner;
  /** Guarded: callers choose the addresses. */
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What an answer may hold; nobody reads it. */
const MAX_ANSWER_BYTES = 64 * KIB;
const GONE = 410;

/**
 * Posts the end of a job to the webhook that its caller named. The receiver has it when it answers with a status of 200 to 299; with 410 it says
 * that it wants none.
 */
export function createNotifier({ signer, http, clock, log }: NoticesOptions): JobNotifier {
  return async (job, signal) => {
    const url = job.request.webhook;
    if (url === undefined) return "done";
    const about = { jobId: job.id, requestId: job.requestId };
    try {
      const status = await post(url, job, signal);
      if (status >= 200 && status < 300) return "done";
      log.warn({ ...about, status }, "a webhook did not take the end of its job");
      return status === GONE ? "done" : "again";
    } catch (error) {
      if (HttpError.is(error) && error.failure === "blocked") {
        log.warn(
          about,
          "a webhook leads into a private network: name its host in webhookHosts if callers may use it",
        );
        return "done";
      }
      if (!signal.aborted) log.warn({ ...about, ...describeError(error) }, "a webhook could not be reached");
      return "again";
    }
  };

  async function post(url: string, job: JobRecord, signal: AbortSignal): Promise<number> {
    const at = new Date(clock());
    const body = JSON.stringify({
      type: `image.job.${job.status}`,
      timestamp: new Date(job.completedAt ?? at.getTime()).toISOString(),
      data: toImageJob(job),
    });
    const headers = {
      "content-type": "application/json",
      ...signer.headers({ id: `msg_${job.id}`, at, body }),
    };
    const answer = await http.request({
      method: "POST",
      url,
      headers,
      body,
      signal,
      maxBytes: MAX_ANSWER_BYTES,
    });
    // The status says it all; what breaks afterwards changes nothing.
    await answer.body[Symbol.asyncIterator]()
      .return?.()
      .catch(() => {});
    return answer.status;
  }
}
