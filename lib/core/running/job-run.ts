import type { Stop } from "../../internal/stop";
import type {
  Clock,
  HttpClient,
  ImageConverter,
  ImageProvider,
  ImageStore,
  JobClaim,
  JobImage,
  JobQueue,
  JobRef,
  Logger,
  MaybePromise,
} from "../../ports";
import type { PlannedCall } from "../admission/plan";
import type { Handover } from "../pictures/handover";
import type { InputHold } from "../pictures/input-hold";
import type { PartialPictures } from "../pictures/partial-pictures";
import type { Spares } from "../pictures/spares";
import type { Desk } from "../pictures/take-in";
import type { PreviewFeed } from "../progress/preview-feed";
import type { ProgressLimits, ProgressTracker } from "../progress/progress-tracker";

export interface RunnerLimits extends ProgressLimits {
  /** One upstream call. */
  readonly attemptMs: number;
  readonly imageBytes: number;
}

export interface RunnerOptions {
  readonly queue: JobQueue;
  readonly store: ImageStore;
  readonly spares: Spares;
  readonly previews: PreviewFeed;
  readonly http: HttpClient;
  readonly fetcher: HttpClient;
  /** For jobs whose plan wants it. */
  readonly converter?: ImageConverter | undefined;
  readonly limits: RunnerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** What belongs to a job of this process. */
  orderOf(jobId: string): JobOrder | undefined;
  /** The provider of a job that another process has admitted. */
  providerOf(id: string): MaybePromise<ImageProvider | undefined>;
}

/** What belongs to a job in the process that admitted it, and cannot travel. */
export interface JobOrder {
  readonly provider: ImageProvider;
  /** Where its caller waits for pictures as they come, if it does. */
  readonly handover: Handover | undefined;
  /** The pictures that came with the request, held until the job's end. */
  readonly inputs: InputHold | undefined;
}

/** One job at work: what its calls share. */
export interface JobRun {
  readonly options: RunnerOptions;
  readonly claim: JobClaim;
  readonly provider: ImageProvider;
  readonly calls: readonly PlannedCall[];
  readonly desk: Desk;
  readonly tracker: ProgressTracker;
  /** What a caller that streams gets of a provider that does not. */
  readonly partials: PartialPictures | undefined;
  /** When the job is to stop, or when one of its calls met what the others would meet too. */
  readonly stop: Stop;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** By their place in the job; those of a call that fails later stay good. */
  readonly images: Map<number, JobImage>;
  /** The latest of each call. */
  readonly refs: Map<number, JobRef>;
}
