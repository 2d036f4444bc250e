import { newId } from "../internal/ids";
import type { ImageRequest, JobLimits, JobRecord, Principal } from "../ports";
import { isTerminal, type ProviderRegistry } from "../ports";
import type { CardRulesOptions } from "./admission/card-rules";
import { planCalls } from "./admission/plan";
import { findCandidates, select } from "./admission/select";
import type { Access } from "./callers/access";
import type { Caller } from "./callers/caller";
import { createDepartures } from "./callers/departures";
import { waitForEnd } from "./callers/wait-for-end";
import { createHandover, type Handover } from "./pictures/handover";
import type { InputHold } from "./pictures/input-hold";
import type { JobOrder, RunnerOptions } from "./running/job-run";
import { createJobRunner } from "./running/job-runner";

export interface PipelineOptions<P extends Principal> extends Omit<RunnerOptions, "orderOf"> {
  readonly access: Access<P>;
  readonly registry: ProviderRegistry<P>;
  readonly rules: CardRulesOptions;
  readonly jobLimits: JobLimits;
  /** How long a waited-for job may stand in the queue. */
  readonly queueWaitMs: number;
  readonly disconnectGraceMs: number;
  /** Pictures that went to their caller as they came lie in the store as well. */
  readonly keepResults: boolean;
}

/**
 * How a caller gets its pictures: out of the store when the job has ended; each as it comes, in order, where it wants base64; or in
 * events, unfinished versions included.
 */
export type Delivery = "kept" | "direct" | "stream";

export interface Admission<P extends Principal> {
  readonly caller: Caller<P>;
  readonly request: ImageRequest;
  readonly requestId: string;
  readonly clientRequestId?: string | undefined;
  /** The pictures that came with the request: once it is admitted they are the job's, until its end. */
  readonly inputs?: InputHold | undefined;
  /** Default `kept`. */
  readonly delivery?: Delivery;
  readonly signal: AbortSignal;
}

export interface Admitted {
  readonly job: JobRecord;
  /** Where pictures come as the provider sends them; absent: they are in the store when the job has ended. */
  readonly handover: Handover | undefined;
}

/** From a validated request to a job that ends. Knows no protocol. */
export interface Pipeline<P extends Principal> {
  /** @throws GatewayError when the request is not admitted; nothing was dispatched then */
  admit(admission: Admission<P>): Promise<Admitted>;
  /** @throws the signal's reason when the caller gave up */
  ended(jobId: string, signal: AbortSignal): Promise<JobRecord>;
  /** The caller that waited for this job has left. */
  left(jobId: string): void;
  close(): void;
}

export function createPipeline<P extends Principal>(options: PipelineOptions<P>): Pipeline<P> {
  const { queue, access, registry, clock, log } = options;
  const orders = new Map<string, JobOrder>();
  const orderOf = (jobId: string) => orders.get(jobId);

  const stopForgetting = queue.watch((job) => {
    const { handover, inputs } = orders.get(job.id) ?? {};
    if (!isTerminal(job)) {
      if (job.request.stream !== undefined) handover?.report(job);
      return;
    }
    handover?.close();
    void inputs?.discard();
    orders.delete(job.id);
  });
  const departures = createDepartures({ queue, graceMs: options.disconnectGraceMs, log, orderOf });
  queue.work(createJobRunner({ ...options, orderOf }));

  return {
    async admit({ caller, request, requestId, clientRequestId, inputs, delivery = "kept", signal }) {
      const { op, model } = request;
      const candidates = await findCandidates(
        registry,
        { model, op, principal: caller.principal, signal },
        log,
      );
      await access.require(caller, { op, model, signal });
      const { candidate, verdict } = select(candidates, request, options.rules);
      const id = newId("imgjob_");
      const isDirect =
        delivery !== "kept" && (delivery === "stream" || verdict.responseFormat === "b64_json");
      const handover = isDirect ? createHandover({ inOrder: delivery === "direct" }) : undefined;
      orders.set(id, {
        plan: planCalls(candidate, verdict.fields),
        handover,
        keeps: options.keepResults || !isDirect,
        inputs,
      });
      try {
        const job = await queue.submit(
          {
            id,
            owner: caller.owner,
            limitKey: caller.limitKey,
            requestId,
            ...(clientRequestId === undefined ? {} : { clientRequestId }),
            request,
            responseFormat: verdict.responseFormat,
            provider: candidate.provider.id,
            warnings: verdict.warnings,
          },
          { limits: options.jobLimits, startBy: clock() + options.queueWaitMs },
        );
        inputs?.keepForJob();
        return { job, handover };
      } catch (error) {
        orders.delete(id);
        throw error;
      }
    },
    ended: (jobId, signal) => waitForEnd(queue, jobId, signal),
    left: (jobId) => departures.left(jobId),
    close() {
      departures.close();
      stopForgetting();
    },
  };
}
