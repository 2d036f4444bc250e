import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import type { ModelDefaults } from "../models";
import { isWebUI } from "../server/abilities";
import type { Inspection } from "../server/inspection";
import { expected, FIELDS, fitting, offeredFields } from "./fields";
import { invalid } from "./invalid";

export type Settings = Readonly<Record<string, string | number>>;

/** The page of a web UI offers this; its API, when it is told nothing, takes 50 steps. */
const USUAL: Settings = { steps: 20 };

const STRENGTH = "denoising_strength";

/**
 * Steps, sampler and their like: the caller's own, else the operator's.
 *
 * @throws ProviderError `invalid_request`, `unsupported_param`; `misconfigured` for a default that the server does not have
 */
export function settingsOf(task: ImageTask, defaults: ModelDefaults, inspection: Inspection): Settings {
  const usual = isWebUI(inspection.abilities) ? USUAL : {};
  const { [STRENGTH]: strength, ...settings } = {
    ...usual,
    ...presets(defaults, inspection),
    ...asked(task, inspection),
  };
  // It has no meaning without a picture to begin with.
  return task.op === "generate" || strength === undefined ? settings : { ...settings, [STRENGTH]: strength };
}

function asked({ extra, op }: ImageTask, inspection: Inspection): Settings {
  const offered = offeredFields(inspection);
  const settings: Record<string, string | number> = {};
  for (const [name, given] of Object.entries(extra)) {
    if (given === null) continue;
    if (!offered.includes(name) || (op === "generate" && name === STRENGTH)) {
      const message = "This field is not sent to the server.";
      throw new ProviderError("unsupported_param", message, { param: name, started: "no" });
    }
    const value = fitting(name, given, inspection);
    if (value === undefined) {
      throw invalid(name, `Invalid value for '${name}': expected ${expected(name, inspection)}.`);
    }
    settings[name] = value;
  }
  return settings;
}

function presets(defaults: ModelDefaults, inspection: Inspection): Settings {
  const settings: Record<string, string | number> = {};
  const given: [string, unknown][] = Object.entries(defaults);
  for (const [name, preset] of given.filter(([each]) => FIELDS.includes(each))) {
    const value = fitting(name, preset, inspection);
    if (value === undefined) {
      throw new ProviderError("misconfigured", "The model's defaults do not fit the server.", {
        started: "no",
        cause: `the default of ${name} must be ${expected(name, inspection)}`,
      });
    }
    settings[name] = value;
  }
  return settings;
}
