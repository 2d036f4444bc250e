import { askRegistry } from "../../core/admission/select";
import type { Logger, Principal, ProviderRegistry } from "../../ports";
import { GatewayError } from "../../ports";
import type { ModelObject } from "../../wire/models";
import { toModelObjects } from "../../wire/models";
import { sendJson } from "../answer";
import type { Exchange, Handler } from "../exchange";

export interface ModelsOptions<P extends Principal> {
  readonly registry: ProviderRegistry<P>;
  readonly log: Logger;
}

/** GET /models: what this caller may ask for. */
export const listModels =
  <P extends Principal>(options: ModelsOptions<P>): Handler<P> =>
  async (exchange) => {
    sendJson(exchange.res, { object: "list", data: await modelsOf(options, exchange) });
  };

/** GET /models/:id */
export const getModel =
  <P extends Principal>(options: ModelsOptions<P>): Handler<P> =>
  async (exchange) => {
    const id = String(exchange.req.params["id"]);
    const model = (await modelsOf(options, exchange)).find((each) => each.id === id);
    if (model === undefined) {
      throw new GatewayError("model_not_found", "The model does not exist or you do not have access to it.", {
        param: "model",
      });
    }
    sendJson(exchange.res, model);
  };

async function modelsOf<P extends Principal>(
  { registry, log }: ModelsOptions<P>,
  { caller: { principal }, stop }: Exchange<P>,
): Promise<readonly ModelObject[]> {
  return toModelObjects(await askRegistry(log, stop, ({ signal }) => registry.list({ principal, signal })));
}
