import { defined } from "../../../internal/defined";
import { listMember, textMember } from "../../../internal/json-shape";
import { mask } from "../../../internal/mask";
import type { Warning } from "../../../ports/provider";
import type { ImageModelCall } from "../model/image-model";

/** More than this are an adapter's noise. */
const MOST = 16;

/** Members of a call by the names that callers know. */
const PARAMS: Readonly<Record<string, string>> = {
  prompt: "prompt",
  n: "n",
  size: "size",
  aspectRatio: "size",
  seed: "seed",
  files: "image",
  mask: "mask",
};

/**
 * What a model says it could not do. Version 2 has `{type: "unsupported-setting", setting, details}` and `{type: "other", message}`, later
 * ones `unsupported` and `compatibility` with a `feature`, `deprecated` with a `setting` and a `message`, and `other`.
 *
 * @param falseAlarms features that are served in spite of the warning
 */
export function readWarnings(
  result: unknown,
  call: Omit<ImageModelCall, "abortSignal">,
  falseAlarms: readonly string[],
  secrets: readonly string[],
): readonly Warning[] {
  const shown = (text: string) => mask(text, secrets);
  return listMember(result, "warnings")
    .slice(0, MOST)
    .flatMap((warning): Warning[] => {
      const name = textMember(warning, "feature") ?? textMember(warning, "setting");
      const message = shown(textMember(warning, "message") ?? textMember(warning, "details") ?? "");
      if (name === undefined) return message === "" ? [] : [{ message }];
      // Nobody needs to hear of what was not asked for.
      if (falseAlarms.includes(name) || isAbsent(call, name)) return [];
      const param = Object.hasOwn(PARAMS, name) ? PARAMS[name] : undefined;
      const about = `The model does not take '${param ?? shown(name)}' as it is`;
      const text = message === "" ? `${about}.` : `${about}: ${message}`;
      return [defined({ param, message: text })];
    });
}

const isAbsent = (call: Omit<ImageModelCall, "abortSignal">, name: string): boolean =>
  Object.entries(call).some(([member, value]) => member === name && value === undefined);
