import { constants } from "node:buffer";
import { MIB } from "../../internal/byte-sizes";
import { DeadlineError, withDeadline } from "../../internal/deadline";
import type { RunContext, RunResult } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import type { ImageTask } from "../../ports/task";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { compose } from "./call/compose";
import { readInputs } from "./call/inputs";
import { readResult } from "./call/result";
import { readWarnings } from "./call/warnings";
import { failureOf } from "./failure/failure";
import { currentTraffic, Traffic } from "./fetch/traffic";
import { opsOf, takesMask } from "./model/abilities";
import type { Model, ResolvedAiSdkOptions } from "./options";

/** Room for everything in an answer that is no picture. */
const SLACK_BYTES = MIB;

/**
 * One call of a model. A model that does not stop on its signal, or not by the deadline, is left behind: what it does later is
 * ignored, and its requests through `gatewayFetch` are ended.
 */
export async function runModel(
  { models, maxImageBytes }: ResolvedAiSdkOptions,
  task: ImageTask,
  ctx: RunContext,
): Promise<RunResult> {
  const entry = models.get(task.model);
  if (entry === undefined) throw new ProviderError("not_found", FAULT_MESSAGES.not_found, { started: "no" });
  const maxBytes = Math.ceil((task.n * maxImageBytes * 4) / 3) + SLACK_BYTES;
  const traffic = new Traffic(ctx.http, ctx.signal, Math.min(maxBytes, constants.MAX_STRING_LENGTH));
  const secrets = () => [...wordsOf(task), ...traffic.secrets];
  let isCalled = false;

  const work = async (signal: AbortSignal): Promise<RunResult> => {
    await requireOp(entry, task, signal);
    const { call, warnings } = compose(task, await readInputs(task, signal), entry);
    ctx.progress({ phase: "sampling" });
    signal.throwIfAborted();
    isCalled = true;
    const result = await currentTraffic.run(traffic, () =>
      entry.model.doGenerate({ ...call, abortSignal: signal }),
    );
    signal.throwIfAborted();
    ctx.progress({ phase: "decoding" });
    const told = readWarnings(result, call, entry.vendor.falseAlarms ?? [], secrets());
    const seed = task.n === 1 ? call.seed : undefined;
    return readResult(result, {
      n: task.n,
      seed,
      maxImageBytes,
      warnings: [...warnings, ...told],
      secrets: secrets(),
    });
  };

  try {
    const ms = Math.max(ctx.deadline - Date.now(), 0);
    return await withDeadline(ms, ctx.signal, work);
  } catch (error) {
    const started = isCalled ? "maybe" : "no";
    if (ctx.signal.aborted) throw new ProviderError("cancelled", FAULT_MESSAGES.cancelled, { started });
    if (error instanceof DeadlineError)
      throw new ProviderError("timeout", FAULT_MESSAGES.timeout, { started });
    if (ProviderError.is(error)) throw error;
    throw isCalled
      ? failureOf(error, { task, fields: entry.fields, traffic, secrets: secrets() })
      : new ProviderError("internal", FAULT_MESSAGES.internal, { started, cause: error });
  } finally {
    traffic.end();
  }
}

/** What a caller has written is their secret too, once it is long enough to be told from any other word. */
const wordsOf = (task: ImageTask): string[] =>
  ["prompt" in task ? task.prompt : "", task.negativePrompt ?? ""].filter((text) => text.length >= 8);

async function requireOp(entry: Model, task: ImageTask, signal: AbortSignal): Promise<void> {
  // Needs no question to the model, which may take its time.
  if (task.op === "generate" && entry.overrides.ops === undefined) return;
  if (!(await opsOf(entry, signal)).includes(task.op)) {
    throw new ProviderError("invalid_request", `This model does not ${VERBS[task.op]}.`, { started: "no" });
  }
  if (task.op !== "edit" || task.mask === undefined) return;
  if ((await takesMask(entry.model, signal)) !== false) return;
  throw new ProviderError("unsupported_param", "This model takes no mask.", { param: "mask", started: "no" });
}

const VERBS = {
  generate: "generate images from a prompt alone",
  edit: "edit images",
  variation: "make variations",
} as const satisfies Record<ImageTask["op"], string>;
