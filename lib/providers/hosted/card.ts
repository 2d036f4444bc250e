import type { CardParameter, ModelCard, ModelLimits } from "../../ports/model-card";
import { type Choice, type ModelInputs, wordsOf } from "./model-inputs";
import { sizeRule } from "./size-input";

type Abilities = Readonly<Record<CardParameter, boolean>>;

/** What can be asked of a model by way of these inputs. */
export const abilities = (inputs: ModelInputs): Abilities => ({
  seed: inputs.seed !== undefined,
  negativePrompt: inputs.negativePrompt !== undefined,
  quality: inputs.quality !== undefined,
  style: inputs.style !== undefined,
  background: inputs.background !== undefined,
  output: inputs.format !== undefined || inputs.compression !== undefined,
  moderation: false,
  mask: false,
  endUser: false,
});

/**
 * The card of a model that takes these inputs. What the operator says of it beats that, except for what is not theirs to say: what the
 * adapter does, and pictures of one call that there is no input for.
 */
export function hostedCard(
  given: ModelCard,
  inputs: ModelInputs,
  cancel: NonNullable<ModelCard["cancel"]>,
): ModelCard {
  const most = inputs.n?.max ?? 1;
  const limits: ModelLimits = {
    sizes: [sizeRule(inputs.size)],
    qualities: words(inputs, "quality"),
    styles: words(inputs, "style"),
    backgrounds: words(inputs, "background"),
    formats: words(inputs, "format"),
    ...given.limits,
    n: Math.min(given.limits?.n ?? most, most),
  };
  return {
    extra: Object.keys(inputs.extra ?? {}),
    progress: "status",
    ...given,
    ops: ["generate"],
    stream: false,
    previews: false,
    cancel,
    resume: true,
    idempotent: false,
    limits,
    params: { ...abilities(inputs), ...given.params },
  };
}

function words(inputs: ModelInputs, choice: Choice): readonly string[] {
  const input = inputs[choice];
  return input === undefined ? [] : [...wordsOf(input).keys()];
}
