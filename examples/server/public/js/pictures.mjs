// @ts-check

/** @typedef {import("./state.mjs").Picture} Picture */

/** First characters of base64, by which the four usual formats are known. */
const SIGNATURES = /** @type {const} */ ([
  ["iVBOR", "image/png"],
  ["/9j/", "image/jpeg"],
  ["UklGR", "image/webp"],
  ["R0lG", "image/gif"],
]);

/**
 * The pictures of an answer. Bytes that came as base64 become a blob with an address of its own, kept as long as the page lives:
 * gallery, lightbox and download all use it.
 *
 * @param {any} response
 * @param {{ jobId: string, prompt: string | null, model: string, images: readonly any[], finishedAt: number }} about
 * @returns {Picture[]}
 */
export function picturesOf(response, { jobId, prompt, model, images, finishedAt }) {
  const [width, height] = (response.size ?? "").split("x").map(Number);
  return response.data.map((/** @type {any} */ item, /** @type {number} */ index) => {
    const facts = images[index];
    const type = facts?.content_type ?? `image/${response.output_format ?? "png"}`;
    const { src, contentType } = item.b64_json
      ? fromBase64(item.b64_json, type)
      : { src: item.url, contentType: type };
    return {
      id: `${jobId}:${index}`,
      jobId,
      index,
      src,
      contentType,
      width: facts?.width ?? (width || null),
      height: facts?.height ?? (height || null),
      prompt,
      model,
      finishedAt,
    };
  });
}

/**
 * @param {string} base64
 * @param {string} otherwise the type where the bytes do not tell
 */
function fromBase64(base64, otherwise) {
  const contentType = SIGNATURES.find(([start]) => base64.startsWith(start))?.[1] ?? otherwise;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return { src: URL.createObjectURL(new Blob([bytes], { type: contentType })), contentType };
}

/** @param {Picture} picture */
export function fileName({ prompt, index, jobId, contentType }) {
  const words = (prompt ?? "picture")
    .normalize("NFKD")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  const name = (words ?? ["picture"]).slice(0, 6).join("-").slice(0, 60);
  return `${name}-${jobId.slice(-6)}-${index + 1}.${contentType.slice("image/".length).replace("jpeg", "jpg")}`;
}
