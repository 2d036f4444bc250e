import type {
  Clock,
  HttpClient,
  ImageStore,
  JobClaim,
  JobImage,
  JobQueue,
  Logger,
  Reservation,
  UpstreamRef,
} from "../../ports";
import type { Plan } from "../admission/plan";
import type { PreviewFeed } from "../progress/preview-feed";
import type { ProgressLimits, ProgressTracker } from "../progress/progress-tracker";

export interface RunnerLimits extends ProgressLimits {
  /** One upstream call. */
  readonly attemptMs: number;
  /** The whole job, from its start. */
  readonly jobMs: number;
  readonly imageBytes: number;
}

export interface RunnerOptions {
  readonly queue: JobQueue;
  readonly store: ImageStore;
  readonly previews: PreviewFeed;
  readonly http: HttpClient;
  readonly fetcher: HttpClient;
  readonly limits: RunnerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** What was settled about a job at its admission. */
  planOf(jobId: string): Plan | undefined;
}

/** One job at work: what its calls share. */
export interface JobRun {
  readonly options: RunnerOptions;
  readonly claim: JobClaim;
  readonly plan: Plan;
  readonly reservation: Reservation;
  readonly tracker: ProgressTracker;
  /** Aborts when the job is to stop, or when one of its calls met what the others would meet too. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** By their place in the job; those of a call that fails later stay good. */
  readonly images: Map<number, JobImage>;
  readonly refs: UpstreamRef[];
}
