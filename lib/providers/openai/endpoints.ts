import { ProviderError } from "../../ports/provider-error";
import type { Op } from "../../ports/task";
import type { DialectName } from "./dialects";

/** Where a server listens for what. */
export interface Endpoints {
  /** @throws ProviderError `not_found` for a name that cannot be part of an address. */
  images(op: Op, model: string): string;
  readonly models: string;
  /** The address of `images` names the model. */
  readonly modelInPath: boolean;
}

const PATHS: Readonly<Record<Op, string>> = {
  generate: "generations",
  edit: "edits",
  variation: "variations",
};

/** Azure's newer addresses are those of OpenAI. */
const isAzureV1 = (baseUrl: string): boolean => baseUrl.endsWith("/openai/v1");

/** Does this base URL need an `api-version`? */
export const needsApiVersion = (dialect: DialectName, baseUrl: string): boolean =>
  dialect === "azure" && !isAzureV1(baseUrl);

/**
 * The addresses below a base URL without a slash at its end.
 *
 * @see https://learn.microsoft.com/azure/ai-services/openai/reference
 */
export function endpointsOf(
  dialect: DialectName,
  baseUrl: string,
  apiVersion: string | undefined,
): Endpoints {
  const query = apiVersion === undefined ? "" : `?api-version=${encodeURIComponent(apiVersion)}`;
  if (!needsApiVersion(dialect, baseUrl)) {
    return {
      images: (op) => `${baseUrl}/images/${PATHS[op]}${query}`,
      models: `${baseUrl}/models${query}`,
      modelInPath: false,
    };
  }
  const root = baseUrl.endsWith("/openai") ? baseUrl : `${baseUrl}/openai`;
  return {
    images: (op, model) => `${root}/deployments/${segment(model)}/images/${PATHS[op]}${query}`,
    models: `${root}/models${query}`,
    modelInPath: true,
  };
}

function segment(model: string): string {
  // Dots survive the encoding, and a URL parser would take them for steps through the path.
  if (/^\.{0,2}$/.test(model) || !model.isWellFormed()) {
    throw new ProviderError("not_found", "no deployment can have this name", {
      started: "no",
      param: "model",
    });
  }
  return encodeURIComponent(model);
}
