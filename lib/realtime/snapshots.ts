import type { OwnedJobs } from "../core/callers/owned-jobs";
import { defined } from "../internal/defined";
import type { JobRecord, Principal } from "../ports";
import { toImageJob } from "../wire/job";
import type { Session } from "./session";

const PAGE = 50;
const MAX_PAGES = 4;

/** Shows a job's state to one socket, unless it has been told that or something newer. */
export function showSnapshot<P extends Principal>(
  { socket, signal, seqs }: Session<P>,
  job: JobRecord,
): void {
  if (signal.aborted || !seqs.isNews(job.id, job.seq)) return;
  socket.emit("progress", { ...toImageJob(job), seq: job.seq });
}

/** Shows each live job of the caller, the newest 200 at most. */
export async function showLiveJobs<P extends Principal>(
  session: Session<P>,
  jobs: OwnedJobs<P>,
): Promise<void> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES && !session.signal.aborted; page += 1) {
    const found = await jobs.list(session.caller, defined({ limit: PAGE, live: true, after }));
    for (const job of found.jobs) showSnapshot(session, job);
    after = found.jobs.at(-1)?.id;
    if (!found.hasMore || after === undefined) return;
  }
}
