import type { ModelCard } from "../../ports/model-card";
import type { ProbeContext } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "../upstream/fault-messages";
import { providerError } from "../upstream/transport-fault";
import { cardOf } from "./card";
import type { Model, Models } from "./models";
import { findCheckpoint } from "./server/checkpoints";
import type { Inspection } from "./server/inspection";
import type { Inspector } from "./server/inspector";

const NOTHING_LISTED = "the server lists no checkpoints: start it with --api, or name its models in `models`";

/**
 * The cards of the models that the operator has named, else of every checkpoint of the server. What is named is offered also while
 * the server cannot be asked.
 *
 * @throws ProviderError where nothing is named
 */
export async function listModels(
  { named, ofCheckpoint }: Models,
  inspector: Inspector,
  ctx: ProbeContext,
): Promise<readonly ModelCard[]> {
  try {
    const inspection = await inspector.inspect(ctx);
    const models = named ?? inspection.checkpoints?.map(({ name }) => ofCheckpoint(name));
    if (models === undefined) {
      throw new ProviderError("misconfigured", FAULT_MESSAGES.misconfigured, {
        started: "no",
        cause: NOTHING_LISTED,
      });
    }
    for (const { id } of models.filter((model) => isMissing(model, inspection))) {
      ctx.log.error(
        { model: id },
        "the server does not have the checkpoint of a model: install it there, or correct `models`",
      );
    }
    return models.map((model) => cardOf(model, inspection));
  } catch (error) {
    const failed = providerError(error, ctx.signal, false);
    if (named === undefined) throw failed;
    ctx.log.warn({ fault: failed.fault }, "the server cannot be asked what it can do");
    return named.map((model) => cardOf(model, undefined));
  }
}

const isMissing = ({ checkpoint }: Model, { checkpoints }: Inspection): boolean =>
  checkpoints !== undefined && findCheckpoint(checkpoints, checkpoint) === undefined;
