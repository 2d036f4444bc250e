import { bullmqJobs } from "../../../lib/jobs/bullmq";

/** A process that takes webhooks on and never tells them. */
const [url = "", prefix = ""] = process.argv.slice(-2);

bullmqJobs({ redis: url, prefix, role: "web" }).notify?.((job) => {
  process.stdout.write(job.id);
  return new Promise(() => {});
});

// Whoever started it is gone.
process.stdin.once("end", () => process.exit()).resume();
