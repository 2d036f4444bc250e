import { defined } from "../../internal/defined";
import type { JobImage, JobRecord, Usage, Warning } from "../../ports";
import { unconvertedWarnings } from "../pictures/conversions";
import type { CallResult } from "./run-call";

type Summary = Pick<JobRecord, "warnings" | "usage" | "effective">;

/** What a finished job says beside its pictures: warnings of all calls, added usage, what the upstream really used. */
export function summarize(
  job: JobRecord,
  results: readonly CallResult[],
  images: ReadonlyMap<number, JobImage>,
  failures: readonly unknown[],
): Summary {
  const warnings: Warning[] = [...job.warnings];
  for (const { meta } of results) warnings.push(...(meta.warnings ?? []));
  const { n } = job.request;
  if (images.size < n) {
    const why = failures.length > 0 ? "the provider failed for the others" : "the provider made no more";
    warnings.push({ param: "n", message: `${images.size} of ${n} images were made; ${why}.` });
  }
  const dropped = results.reduce((sum, result) => sum + result.dropped, 0);
  if (dropped > 0) {
    warnings.push({
      param: "n",
      message: `The provider made ${dropped} images more than asked; they were dropped.`,
    });
  }
  warnings.push(...unconvertedWarnings(job.plan, images.values()));
  const usage = addUsage(results);
  const effective = results.find(({ meta }) => meta.effective !== undefined)?.meta.effective;
  return defined({ warnings, usage, effective });
}

/** Undefined unless some call told: no guessed zeros. */
function addUsage(results: readonly CallResult[]): Usage | undefined {
  const told: Usage[] = [];
  for (const { meta } of results) if (meta.usage !== undefined) told.push(meta.usage);
  if (told.length === 0) return undefined;
  const sum = (pick: (usage: Usage) => number | undefined): number | undefined =>
    told.some((usage) => pick(usage) !== undefined)
      ? told.reduce((total, usage) => total + (pick(usage) ?? 0), 0)
      : undefined;
  const inputTokens = sum((usage) => usage.inputTokens);
  const outputTokens = sum((usage) => usage.outputTokens);
  const totalTokens = sum((usage) => usage.totalTokens);
  const textTokens = sum((usage) => usage.inputTokensDetails?.textTokens);
  const imageTokens = sum((usage) => usage.inputTokensDetails?.imageTokens);
  const details = defined({ textTokens, imageTokens });
  return defined({
    inputTokens,
    outputTokens,
    totalTokens,
    inputTokensDetails: Object.keys(details).length === 0 ? undefined : details,
  });
}
