import type { OwnedJobs, OwnedJobsQuery } from "../../core/callers/owned-jobs";
import { keptKeys } from "../../core/pictures/kept";
import { defined } from "../../internal/defined";
import type { JobRecord, Principal } from "../../ports";
import { GatewayError } from "../../ports";
import { toImageJob } from "../../wire/job";
import { sendImageJson, sendJson } from "../answer";
import type { Handler } from "../exchange";
import { baseUrlOf } from "../links";
import { setPollHints } from "../poll-hints";
import { appliedPreferences, preferencesOf } from "../prefer";
import { type PresentOptions, presentJob } from "../present-job";
import { integerQuery, oneOfQuery, textQuery } from "../query";

export interface JobsOptions<P extends Principal> extends PresentOptions {
  readonly jobs: OwnedJobs<P>;
  readonly publicUrl: string | undefined;
}

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/** GET /images/jobs: the caller's jobs, paged like OpenAI's lists. */
export const listJobs =
  <P extends Principal>({ jobs }: JobsOptions<P>): Handler<P> =>
  async ({ req, res, caller }) => {
    const limit = integerQuery(req, "limit", { min: 1, max: MAX_PAGE }) ?? DEFAULT_PAGE;
    const order = oneOfQuery(req, "order", ["asc", "desc"]) ?? "desc";
    const after = textQuery(req, "after");
    const query: OwnedJobsQuery = defined({ limit, order, after });
    const page = await jobs.list(caller, query);
    const data = page.jobs.map(toImageJob);
    sendJson(res, {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: page.hasMore,
    });
  };

/**
 * GET /images/jobs/:id: one job, with its answer when it is completed and its pictures are still kept. `Prefer: wait=N` waits for its end so many
 * seconds.
 */
export const getJob =
  <P extends Principal>(options: JobsOptions<P>): Handler<P> =>
  async ({ req, res, caller, stop: { signal } }) => {
    const { waitSeconds } = preferencesOf(req);
    const patience = { ms: (waitSeconds ?? 0) * 1000, signal };
    const job = known(await options.jobs.findSoon(caller, String(req.params["id"]), patience));
    if (waitSeconds !== undefined) {
      res.set("preference-applied", appliedPreferences({ respondAsync: false, waitSeconds }));
    }
    setPollHints(res, job);
    if (job.status !== "completed") return sendJson(res, toImageJob(job));
    const text = await presentJob(options, job, baseUrlOf(req, options.publicUrl), signal, (result) => ({
      ...toImageJob(job),
      result,
    })).catch((error: unknown) => {
      if (GatewayError.is(error) && error.code === "image_not_found") return undefined;
      throw error;
    });
    if (text !== undefined) return sendImageJson(res, text, signal);
    const { body } = new GatewayError("result_expired", "The pictures of this job are no longer kept.");
    sendJson(res, { ...toImageJob(job), error: body });
  };

/** POST /images/jobs/:id/cancel: stops the job; one that has ended stays as it is. */
export const cancelJob =
  <P extends Principal>({ jobs }: JobsOptions<P>): Handler<P> =>
  async ({ req, res, caller }) => {
    sendJson(res, toImageJob(known(await jobs.cancel(caller, String(req.params["id"])))));
  };

/** DELETE /images/jobs/:id: stops the job, then forgets it and its pictures. */
export const deleteJob =
  <P extends Principal>({ jobs, store }: JobsOptions<P>): Handler<P> =>
  async ({ req, res, caller }) => {
    const job = known(await jobs.remove(caller, String(req.params["id"])));
    await store.delete(keptKeys(job.images));
    sendJson(res, { id: job.id, object: "image.job.deleted", deleted: true });
  };

function known(job: JobRecord | undefined): JobRecord {
  if (job !== undefined) return job;
  throw new GatewayError("job_not_found", "There is no such job.");
}
