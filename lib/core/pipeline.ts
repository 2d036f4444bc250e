import { defined } from "../internal/defined";
import { newId } from "../internal/ids";
import type { Stopping } from "../internal/stop";
import type { ImageRequest, JobLimits, JobRecord, Principal, ProviderRegistry } from "../ports";
import { GatewayError, isTerminal } from "../ports";
import type { CardRulesOptions } from "./admission/card-rules";
import { fingerprintOf, idempotencyDigest } from "./admission/fingerprint";
import { planJob } from "./admission/plan";
import { findCandidates, select } from "./admission/select";
import type { Access } from "./callers/access";
import { attend } from "./callers/attend";
import type { Caller } from "./callers/caller";
import { createDepartures, type DepartureOptions } from "./callers/departures";
import { waitForEnd } from "./callers/wait-for-end";
import { describeError } from "./describe-error";
import { createHandover, type Handover } from "./pictures/handover";
import type { InputHold } from "./pictures/input-hold";
import { keptKeys } from "./pictures/kept";
import type { RunnerOptions } from "./running/job-run";
import { createJobRunner } from "./running/job-runner";
import { createOrders } from "./running/orders";

/** How long a job may take, in milliseconds. */
export interface JobTimes {
  /** In the queue, before it starts. */
  readonly queueMs: number;
  /** From its start to its end. */
  readonly runMs: number;
}

export interface PipelineOptions<P extends Principal>
  extends Omit<RunnerOptions, "orderOf" | "providerOf">,
    Omit<DepartureOptions, "queue" | "log"> {
  readonly access: Access<P>;
  readonly registry: ProviderRegistry<P>;
  readonly rules: CardRulesOptions;
  readonly jobLimits: JobLimits;
  readonly times: Readonly<Record<"waitedFor" | "async", JobTimes>>;
  /** Pictures that went to their caller as they came lie in the store as well. */
  readonly keepResults: boolean;
  /** A request that is known to be sent again takes over what its first attempt has left. */
  readonly adoptsOrphans: boolean;
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
  /** The caller's own key: of several requests with the same one the first is done, and all get its answer. */
  readonly idempotencyKey?: string | undefined;
  /** The caller has sent the same request before, and got no answer. */
  readonly isRetry?: boolean;
  /** The caller will send the request again, marked as a retry, should the answer not arrive. */
  readonly comesAgain?: boolean;
  /** The caller does not wait for the end of the job. */
  readonly isAsync?: boolean;
  /** The pictures that came with the request: once it is admitted they are the job's, until its end. */
  readonly inputs?: InputHold | undefined;
  /** Default `kept`. */
  readonly delivery?: Delivery;
  /** Hears every change of a job that this request has brought about. */
  readonly onChange?: ((job: JobRecord) => void) | undefined;
  readonly signal: Stopping;
}

export interface Admitted {
  readonly job: JobRecord;
  /** Where pictures come as the provider sends them; absent: they are in the store when the job has ended. */
  readonly handover: Handover | undefined;
  /** The job had ended when this request came: it bears the same key as an earlier one. */
  readonly isReplay: boolean;
}

/** From a validated request to a job that ends. Knows no protocol. */
export interface Pipeline<P extends Principal> {
  /** @throws GatewayError when the request is not admitted; nothing was dispatched then */
  admit(admission: Admission<P>): Promise<Admitted>;
  /** @throws the signal's reason when the caller gave up */
  ended(jobId: string, signal: Stopping): Promise<JobRecord>;
  /** The caller that waited for this job has left. */
  left(job: JobRecord, caller: Caller<P>): void;
  /** The caller that waited for this job has its answer. */
  answered(job: JobRecord): void;
  close(): void;
}

export function createPipeline<P extends Principal>(options: PipelineOptions<P>): Pipeline<P> {
  const { queue, access, registry, store, clock, log } = options;
  const orders = createOrders(queue, options.previews);
  const departures = createDepartures(options);
  queue.work(
    createJobRunner({
      ...options,
      orderOf: orders.of,
      providerOf: (id) => registry.provider?.(id),
    }),
  );

  /** Another caller's wait for a job that is there. */
  const join = async (job: JobRecord, delivery: Delivery): Promise<Admitted> => {
    const isReplay = isTerminal(job);
    const handover =
      isReplay && delivery !== "stream" ? undefined : handoverFor(delivery, job.responseFormat);
    if (handover !== undefined) await attend(queue, job.id, handover, { isNew: false });
    return { job, handover, isReplay };
  };

  return {
    async admit(admission) {
      const { caller, request, inputs, idempotencyKey, signal } = admission;
      const { delivery = "kept", isAsync = false, isRetry = false, comesAgain = false } = admission;
      const { op, model } = request;
      const candidates = await findCandidates(
        registry,
        { model, op, principal: caller.principal, signal },
        log,
      );
      await access.require(caller, { op, model, signal });
      const { candidate, verdict } = select(candidates, request, options.rules);
      const isRepeatable = idempotencyKey !== undefined || isRetry;
      const fingerprint = isRepeatable || queue.isShared ? fingerprintOf(caller, request) : undefined;

      // One with a key of its own finds its job by that.
      const adopts = idempotencyKey === undefined && options.adoptsOrphans && !caller.anonymous;
      const orphan =
        adopts && isRetry && fingerprint !== undefined
          ? await queue.adopt({ owner: caller.owner, fingerprint })
          : undefined;
      if (orphan !== undefined) {
        return join(orphan, delivery).catch((error: unknown) => {
          departures.left(orphan, caller);
          throw error;
        });
      }

      const id = newId("imgjob_");
      const { queueMs, runMs } = options.times[isAsync ? "async" : "waitedFor"];
      const handover = handoverFor(delivery, verdict.responseFormat);
      const wish = isAsync ? FINISHES : departures.wishFor(candidate.card, op);
      const keeps =
        options.keepResults ||
        handover === undefined ||
        idempotencyKey !== undefined ||
        queue.isShared === true ||
        wish.onDisconnect === "finish" ||
        (adopts && comesAgain && "untilAnswered");
      // One with a key of its own finds its job by that.
      const isWaitedFor = !isAsync && idempotencyKey === undefined;
      await orders.open(
        { id, owner: caller.owner, request },
        { provider: candidate.provider, handover, inputs },
        admission.onChange,
      );
      try {
        const job = await queue.submit(
          defined({
            id,
            owner: caller.owner,
            limitKey: caller.limitKey,
            requestId: admission.requestId,
            clientRequestId: admission.clientRequestId,
            fingerprint,
            idempotencyKey:
              idempotencyKey === undefined ? undefined : idempotencyDigest(caller, request, idempotencyKey),
            request,
            responseFormat: verdict.responseFormat,
            provider: candidate.provider.id,
            plan: planJob(
              candidate,
              verdict.fields,
              defined({ keeps, limitMs: runMs, convert: verdict.convert, ...wish }),
            ),
            warnings: verdict.warnings,
          }),
          { limits: options.jobLimits, startBy: clock() + queueMs, isWaitedFor },
        );
        if (job.id === id) {
          inputs?.keepForJob();
          return { job, handover, isReplay: false };
        }
        orders.drop(id);
        if (job.fingerprint !== fingerprint) throw keyReused();
        return join(job, delivery);
      } catch (error) {
        orders.drop(id);
        throw error;
      }
    },
    ended: (jobId, signal) => waitForEnd(queue, jobId, signal),
    left: (job, caller) => departures.left(job, caller),
    answered({ id, idempotencyKey, plan }) {
      if (idempotencyKey === undefined) void queue.answered?.(id);
      if (plan.keeps === true) return;
      queue
        .get(id)
        .then(async (job) => {
          const keys = keptKeys(job?.images ?? []);
          if (keys.length > 0) await store.delete(keys);
        })
        .catch((error: unknown) => {
          log.warn(
            { jobId: id, ...describeError(error) },
            "pictures that have been answered could not be deleted",
          );
        });
    },
    close() {
      departures.close();
      orders.close();
    },
  };
}

/** Who does not wait for a job cannot leave it. */
const FINISHES = { onDisconnect: "finish" } as const;

function handoverFor(delivery: Delivery, format: JobRecord["responseFormat"]): Handover | undefined {
  if (delivery === "stream") return createHandover({ inOrder: false });
  return delivery === "direct" && format === "b64_json" ? createHandover({ inOrder: true }) : undefined;
}

const keyReused = (): GatewayError =>
  new GatewayError(
    "idempotency_key_reused",
    "This 'Idempotency-Key' belongs to another request. Send the same body with it, or another key.",
    { param: "Idempotency-Key" },
  );
