import type { IncomingMessage } from "node:http";
import { followNews, type JobNews, type News } from "../../core/callers/job-news";
import type { OwnedJobs } from "../../core/callers/owned-jobs";
import type { PreviewFeed } from "../../core/progress/preview-feed";
import { GatewayError, isTerminal, type Principal } from "../../ports";
import { KEEP_ALIVE } from "../../wire/image-events";
import { jobEvent, previewEvent } from "../../wire/job-events";
import { beginEvents, SILENCE_MS } from "../begin-events";
import { Body } from "../body";
import type { Handler } from "../exchange";
import { oneOfQuery } from "../query";

export interface JobEventsOptions<P extends Principal> {
  readonly jobs: OwnedJobs<P>;
  readonly previews: PreviewFeed;
}

/**
 * GET /images/jobs/:id/events: the job as it is and its changes to the end, as an event stream; with `?previews=1` its unfinished pictures,
 * too. Whoever comes back with a `Last-Event-ID` is not told that again; after the end there is nothing to come back for: 204.
 */
export const getJobEvents =
  <P extends Principal>({ jobs, previews }: JobEventsOptions<P>): Handler<P> =>
  async ({ req, res, caller, stop: { signal } }) => {
    const shows = ["1", "true"].includes(oneOfQuery(req, "previews", ["0", "1", "false", "true"]) ?? "");
    const news = await followNews(jobs, shows ? previews : undefined, caller, String(req.params["id"]));
    if (news === undefined) throw new GatewayError("job_not_found", "There is no such job.");
    try {
      const known = lastEventId(req);
      if (isTerminal(news.job) && news.job.seq <= known) {
        res.status(204).set("cache-control", "no-store").end();
        return;
      }
      beginEvents(res);
      if (req.method === "HEAD") {
        res.end();
        return;
      }
      const body = new Body(res, { signal, begin: () => {} });
      for await (const text of texts(news, known, signal)) {
        await body.add(text);
        body.flush();
      }
      await body.end();
    } finally {
      news.stop();
    }
  };

async function* texts(news: JobNews, known: number, signal: AbortSignal): AsyncGenerator<string> {
  let told = known;
  if (news.job.seq > told) {
    told = news.job.seq;
    yield jobEvent(news.job);
  }
  if (isTerminal(news.job)) return;
  for (
    let item = await news.next(SILENCE_MS, signal);
    item !== undefined;
    item = await news.next(SILENCE_MS, signal)
  ) {
    const seq = seqOf(item);
    if (seq !== undefined && seq <= told) continue;
    told = seq ?? told;
    yield textOf(item);
  }
}

const seqOf = (item: News): number | undefined =>
  item.kind === "job" ? item.job.seq : item.kind === "preview" ? item.preview.seq : undefined;

function textOf(item: News): string {
  if (item.kind === "silence") return KEEP_ALIVE;
  if (item.kind === "job") return jobEvent(item.job);
  const { job, ...preview } = item.preview;
  return previewEvent({ id: job.id, ...preview });
}

function lastEventId(req: IncomingMessage): number {
  const value = req.headers["last-event-id"];
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
