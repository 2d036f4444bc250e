import { fromJobError } from "../../core/faults";
import type { Pipeline } from "../../core/pipeline";
import type { JobRecord, Principal } from "../../ports";
import type { ParseGeneration } from "../../wire/request";
import { warningsHeader } from "../../wire/warnings-header";
import { sendImageJson } from "../answer";
import type { Exchange, Handler } from "../exchange";
import { type JsonBodyOptions, readJsonBody } from "../json-body";
import { baseUrlOf } from "../links";
import { type PresentOptions, presentJob } from "../present-job";
import { clientRequestIdOf } from "../request-id";

export interface GenerationsOptions<P extends Principal> extends PresentOptions {
  readonly pipeline: Pipeline<P>;
  readonly parse: ParseGeneration;
  readonly body: JsonBodyOptions;
  readonly publicUrl: string | undefined;
}

/** POST /images/generations: body → request → job → its end → answer. */
export function generations<P extends Principal>(options: GenerationsOptions<P>): Handler<P> {
  const { pipeline } = options;

  const endOf = async (job: JobRecord, signal: AbortSignal): Promise<JobRecord> => {
    try {
      return await pipeline.ended(job.id, signal);
    } catch (error) {
      if (signal.aborted) pipeline.left(job.id);
      throw error;
    }
  };

  return async ({ req, res, caller, requestId, signal }: Exchange<P>) => {
    const clientRequestId = clientRequestIdOf(req);
    const request = options.parse(await readJsonBody(req, options.body));
    const job = await pipeline.admit({ caller, request, requestId, clientRequestId, signal });
    res.set("x-image-job-id", job.id);

    const ended = await endOf(job, signal);
    if (ended.error !== undefined) throw fromJobError(ended.error);
    const warnings = warningsHeader(ended.warnings);
    if (warnings !== undefined) res.set("x-image-warnings", warnings);
    const text = await presentJob(
      options,
      ended,
      baseUrlOf(req, options.publicUrl),
      signal,
      (response) => response,
    );
    await sendImageJson(res, text, signal);
  };
}
