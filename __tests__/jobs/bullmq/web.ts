import { setTimeout as delay } from "node:timers/promises";
import { bullmqJobs } from "../../../lib/jobs/bullmq";
import { isTerminal } from "../../../lib/ports";
import { signalled } from "../../support/gate";
import { newJob } from "../memory/bench";

/** A web process whose callers wait until it is killed. What they ask for comes from the process that started it. */
const [url = "", prefix = "", upstream = ""] = process.argv.slice(-3);
const LANES = 4;

const queue = bullmqJobs({ redis: url, prefix, role: "web" });
const tell = async (what: string, id: string) =>
  (await fetch(`${upstream}/${what}/${id}`, { method: "POST" })).text();

async function answer(request: string): Promise<void> {
  const job = newJob({ fingerprint: request });
  const ended = signalled();
  await queue.follow(job.id, (change) => {
    if (isTerminal(change)) ended.resolve();
  });
  const startBy = Date.now() + 600_000;
  await queue.submit(job, { limits: { running: 8, queued: 100 }, startBy, isWaitedFor: true });
  await tell("submitted", request);
  await ended.promise;
  await tell("answered", request);
  await queue.answered?.(job.id);
}

async function serve(): Promise<void> {
  for (;;) {
    const request = await tell("next", `${process.pid}`);
    if (request === "") await delay(50);
    else await answer(request);
  }
}

void queue.ready?.().then(() => Promise.all(Array.from({ length: LANES }, serve)));

// Whoever started it is gone.
process.stdin.once("end", () => process.exit()).resume();
