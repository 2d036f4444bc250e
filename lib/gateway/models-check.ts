import type { ModelOptions } from "../core/registry/model-options";
import type { ImageProvider, Principal, ProviderRegistry } from "../ports";
import { checkNames, checkWhole, fail, isRecord } from "./options-check";

const NAMES: Readonly<Record<keyof ModelOptions, true>> = {
  aliases: true,
  routes: true,
  visible: true,
  cacheSeconds: true,
};
const ROUTE_NAMES = ["provider", "model", "weight"];

/**
 * Checks how models are named, routed and shown.
 *
 * @throws TypeError naming the option and the remedy
 */
export function checkModels<P extends Principal>(
  options: ModelOptions<P> | undefined,
  providers: readonly ImageProvider[] | ProviderRegistry<P>,
): ModelOptions<P> {
  if (options === undefined) return {};
  if ("candidates" in providers) {
    fail(
      "models",
      "is for an array of providers: a registry of the host's own names and shows models by itself",
    );
  }
  checkNames(options, Object.keys(NAMES), "models");
  checkAliases(options.aliases);
  checkRoutes(options.routes, new Set(providers.map(({ id }) => id)));
  if (options.visible !== undefined && typeof options.visible !== "function") {
    fail("models.visible", "must be a function (card, { provider, principal }) => boolean");
  }
  if (options.cacheSeconds !== undefined)
    checkWhole("models.cacheSeconds", options.cacheSeconds, 1, "seconds");
  return options;
}

function checkAliases(aliases: unknown): void {
  if (aliases === undefined) return;
  if (!isRecord(aliases) || Array.isArray(aliases))
    fail("models.aliases", 'must be an object, such as { "dall-e-3": "sdxl" }');
  for (const [alias, id] of Object.entries(aliases)) {
    const option = `models.aliases['${alias}']`;
    if (alias === "" || typeof id !== "string" || id === "") fail(option, "must name a model");
    if (Object.hasOwn(aliases, id))
      fail(option, `stands for '${id}', which is an alias itself: name its model`);
  }
}

function checkRoutes(routes: unknown, providers: ReadonlySet<string>): void {
  if (routes === undefined) return;
  const example = 'such as { sdxl: ["gpu-1", { provider: "cloud", model: "flux" }] }';
  if (!isRecord(routes) || Array.isArray(routes))
    fail("models.routes", `must be an object of arrays, ${example}`);
  for (const [id, targets] of Object.entries(routes)) {
    const option = `models.routes['${id}']`;
    if (id === "" || !Array.isArray(targets) || targets.length === 0) {
      fail(option, `must be an array with at least one provider, ${example}`);
    }
    for (const target of targets) checkTarget(option, target, providers);
  }
}

function checkTarget(option: string, target: unknown, providers: ReadonlySet<string>): void {
  const route = typeof target === "string" ? { provider: target } : target;
  checkNames(route, ROUTE_NAMES, option);
  const { provider, model, weight }: Record<string, unknown> = isRecord(route) ? route : {};
  if (typeof provider !== "string" || !providers.has(provider)) {
    fail(
      option,
      `names the provider '${String(provider)}', which is not one of ${[...providers].join(", ")}`,
    );
  }
  if (model !== undefined && (typeof model !== "string" || model === "")) {
    fail(option, "has a 'model' that is no model id: leave it out for the id that is routed");
  }
  if (weight !== undefined && !(typeof weight === "number" && weight > 0 && Number.isFinite(weight))) {
    fail(option, "has a 'weight' that is no number above 0");
  }
}
