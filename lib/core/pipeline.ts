import { newId } from "../internal/ids";
import type { ImageRequest, JobLimits, JobRecord, Principal } from "../ports";
import { isTerminal, type ProviderRegistry } from "../ports";
import type { CardRulesOptions } from "./admission/card-rules";
import type { Plan } from "./admission/plan";
import { planCalls } from "./admission/plan";
import { findCandidates, select } from "./admission/select";
import type { Access } from "./callers/access";
import type { Caller } from "./callers/caller";
import { createDepartures } from "./callers/departures";
import { createJobWaiter } from "./callers/job-waiter";
import type { RunnerOptions } from "./running/job-run";
import { createJobRunner } from "./running/job-runner";

export interface PipelineOptions<P extends Principal> extends Omit<RunnerOptions, "planOf"> {
  readonly access: Access<P>;
  readonly registry: ProviderRegistry<P>;
  readonly rules: CardRulesOptions;
  readonly jobLimits: JobLimits;
  /** How long a waited-for job may stand in the queue. */
  readonly queueWaitMs: number;
  readonly disconnectGraceMs: number;
}

export interface Admission<P extends Principal> {
  readonly caller: Caller<P>;
  readonly request: ImageRequest;
  readonly requestId: string;
  readonly clientRequestId?: string | undefined;
  readonly signal: AbortSignal;
}

/** From a validated request to a job that ends. Knows no protocol. */
export interface Pipeline<P extends Principal> {
  /** @throws GatewayError when the request is not admitted; nothing was dispatched then */
  admit(admission: Admission<P>): Promise<JobRecord>;
  /** @throws the signal's reason when the caller gave up */
  ended(jobId: string, signal: AbortSignal): Promise<JobRecord>;
  /** The caller that waited for this job has left. */
  left(jobId: string): void;
  close(): void;
}

export function createPipeline<P extends Principal>(options: PipelineOptions<P>): Pipeline<P> {
  const { queue, access, registry, clock, log } = options;
  const plans = new Map<string, Plan>();
  const planOf = (jobId: string) => plans.get(jobId);

  const stopForgetting = queue.watch((job) => {
    if (isTerminal(job)) plans.delete(job.id);
  });
  const waiter = createJobWaiter(queue);
  const departures = createDepartures({ queue, graceMs: options.disconnectGraceMs, log, planOf });
  queue.work(createJobRunner({ ...options, planOf }));

  return {
    async admit({ caller, request, requestId, clientRequestId, signal }) {
      const { op, model } = request;
      const candidates = await findCandidates(
        registry,
        { model, op, principal: caller.principal, signal },
        log,
      );
      await access.require(caller, { op, model, signal });
      const { candidate, verdict } = select(candidates, request, options.rules);
      const id = newId("imgjob_");
      plans.set(id, planCalls(candidate, verdict.fields));
      try {
        return await queue.submit(
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
      } catch (error) {
        plans.delete(id);
        throw error;
      }
    },
    ended: (jobId, signal) => waiter.ended(jobId, signal),
    left: (jobId) => departures.left(jobId),
    close() {
      departures.close();
      waiter.close();
      stopForgetting();
    },
  };
}
