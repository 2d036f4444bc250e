/** How a prompt and what goes with it become the text that is sent. */
export interface PromptStyle {
  /** Takes the power from what the server would obey instead of draw. */
  neutralise(text: string): string;
  /** Joins what the server reads from the prompt's text alone. */
  compose(
    prompt: string,
    about: { readonly negative?: string | undefined; readonly seed?: number | undefined },
  ): string;
}

/**
 * Blocks that stable-diffusion.cpp and servers built on it take out of a prompt: settings up to batch and size, and weight files.
 * A space after the `<` leaves the words and ends the spell.
 *
 * @see https://github.com/leejet/stable-diffusion.cpp/blob/master/examples/server/api.md
 */
const breakTags = (text: string): string => text.replace(/<(?=\/?sd_cpp_extra_args|lora:)/gi, "< ");

/** OpenAI's own models: a prompt is text. */
export const PLAIN: PromptStyle = {
  neutralise: (text) => text,
  compose: (prompt) => prompt,
};

/** Unknown servers: the tags mean nothing to whom they are not meant for. */
export const CAUTIOUS: PromptStyle = {
  neutralise: breakTags,
  compose: (prompt) => prompt,
};

/** LocalAI reads what follows a `|` as the negative prompt. */
export const LOCALAI: PromptStyle = {
  neutralise: (text) => breakTags(text).replaceAll("|", ","),
  compose: (prompt, { negative }) => (negative === undefined ? prompt : `${prompt}|${negative}`),
};

/**
 * stable-diffusion.cpp ignores `seed` in the body (every picture has seed 42, or 42 and up within one call) and has no field for a
 * negative prompt; both work in the block that it reads from the prompt. Of several blocks it reads the first.
 */
export const SDCPP: PromptStyle = {
  neutralise: breakTags,
  compose(prompt, { negative, seed }) {
    const settings = JSON.stringify({ seed, negative_prompt: negative }).replaceAll("<", "\\u003c");
    return `<sd_cpp_extra_args>${settings}</sd_cpp_extra_args>${prompt}`;
  },
};
