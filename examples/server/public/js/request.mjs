// @ts-check

export const PROMPT_LIMIT = 4000;

/**
 * @typedef {{
 *   prompt: string, model: string, size: string, quality: string, style: string, n: number,
 *   outputFormat: string, responseFormat: string,
 * }} Values what the form holds; "" = the model's default
 */

/** The length as the server counts it. */
export const codePoints = (/** @type {string} */ text) => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/**
 * The body of POST /images/generations: what was chosen and nothing else.
 *
 * @param {Values} values
 * @returns {Record<string, string | number>}
 */
export function requestBody({ prompt, model, size, quality, style, n, outputFormat, responseFormat }) {
  return {
    model,
    prompt,
    size,
    ...(quality === "" ? {} : { quality }),
    ...(style === "" ? {} : { style }),
    ...(n === 1 ? {} : { n }),
    ...(outputFormat === "" ? {} : { output_format: outputFormat }),
    response_format: responseFormat,
  };
}

/**
 * What can be said without asking the server.
 *
 * @param {Values} values
 * @returns {{ field: import("./errors.mjs").Field, message: string } | undefined}
 */
export function findMistake({ prompt, model, size, n }) {
  if (prompt.trim() === "") return { field: "prompt", message: "Write what the picture should show." };
  if (codePoints(prompt) > PROMPT_LIMIT) {
    return { field: "prompt", message: `Shorten it to ${PROMPT_LIMIT.toLocaleString("en")} characters.` };
  }
  if (model === "") return { field: "model", message: "There is no model to choose: check the API key." };
  if (size !== "auto" && !/^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(size)) {
    return { field: "size", message: "Give width and height in whole pixels." };
  }
  if (!Number.isInteger(n) || n < 1 || n > 10) return { field: "n", message: "From 1 to 10." };
  return undefined;
}
