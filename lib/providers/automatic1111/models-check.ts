import type { OptionsCheck } from "../options-check";
import type { ModelChoice, Preset } from "./models";
import { expected, FIELDS, fitting } from "./request/fields";

/** Names of samplers and schedulers are held against the server's when there is one. */
const UNASKED = { samplers: undefined, schedulers: undefined };

const SIDES = ["width", "height"];
const SIDE_STEP = 8;
const SIDE_RANGE = { min: 64, max: 2048 };

/** Checks what an operator says of the models. @throws TypeError */
export function checkModels(check: OptionsCheck, { models, ...common }: ModelChoice): void {
  checkPreset(check, "", common);
  if (models === undefined) return;
  if (!Array.isArray(models) || models.length === 0) {
    check.wrong("models", "must be a list of models; leave it out to offer all that the server has");
  }
  const ids = new Set<string>();
  for (const model of models) {
    const { id, ...preset } = typeof model === "string" ? { id: model } : model;
    if (typeof id !== "string" || id === "") check.wrong("models", "holds a model without an id");
    if (ids.has(id)) check.wrong("models", `names ${id} twice`);
    ids.add(id);
    checkPreset(check, `models.${id}.`, preset);
  }
}

function checkPreset(
  check: OptionsCheck,
  at: string,
  { defaults = {}, overrideSettings = {} }: Preset,
): void {
  const given: [string, unknown][] = Object.entries(defaults);
  for (const [name, value] of given) checkDefault(check, `${at}defaults.${name}`, name, value);
  if (Object.hasOwn(defaults, "width") !== Object.hasOwn(defaults, "height")) {
    check.wrong(`${at}defaults`, "needs width and height together");
  }
  const settings: [string, unknown][] = Object.entries(overrideSettings);
  for (const [name, value] of settings) {
    if (name === "sd_model_checkpoint") {
      check.wrong(`${at}overrideSettings.${name}`, "is the model's to choose: name it in models");
    }
    if (!isSetting(value)) {
      check.wrong(
        `${at}overrideSettings.${name}`,
        "must be a text, a number, true, false or a list of texts",
      );
    }
  }
}

function checkDefault(check: OptionsCheck, option: string, name: string, value: unknown): void {
  if (SIDES.includes(name)) {
    if (typeof value !== "number" || value % SIDE_STEP !== 0) {
      check.wrong(option, `must be a multiple of ${SIDE_STEP}`);
    }
    check.whole(option, value, SIDE_RANGE);
  } else if (name === "negative_prompt") {
    if (typeof value !== "string") check.wrong(option, "must be a text");
  } else if (!FIELDS.includes(name)) {
    check.wrong(option, `is no field: use ${[...FIELDS, "negative_prompt", ...SIDES].join(", ")}`);
  } else if (fitting(name, value, UNASKED) === undefined) {
    check.wrong(option, `must be ${expected(name, UNASKED)}`);
  }
}

const isSetting = (value: unknown): boolean =>
  ["string", "number", "boolean"].includes(typeof value) ||
  (Array.isArray(value) && value.every((each) => typeof each === "string"));
