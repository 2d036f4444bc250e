// @ts-check
import { h } from "./element.mjs";

const FADE_MS = 500;

/**
 * One place in which a picture forms: each preview fades in over the one before, then the finished picture over the last. Only
 * what the browser has decoded is shown, so nothing flickers; when previews come faster than that, the newest wins.
 *
 * @param {{ onRatio: (ratio: number) => void }} options `onRatio`: hears of each picture's width divided by its height
 */
export function developingImage({ onRatio }) {
  const element = h("span", { class: "develop" });
  let turn = 0;

  const fadeIn = (/** @type {HTMLImageElement} */ image) => {
    const earlier = [...element.children];
    element.append(image);
    setTimeout(() => {
      for (const each of earlier) each.remove();
    }, FADE_MS);
  };

  /**
   * @param {HTMLImageElement} image
   * @param {string} src
   */
  const show = async (image, src) => {
    turn += 1;
    const mine = turn;
    image.src = src;
    try {
      await image.decode();
      onRatio(image.naturalWidth / image.naturalHeight);
      if (mine === turn) fadeIn(image);
      return true;
    } catch {
      return false;
    }
  };

  return {
    element,
    /**
     * @param {Blob} blob
     * @param {string} alt
     */
    async showPreview(blob, alt) {
      const url = URL.createObjectURL(blob);
      // Once decoded the picture needs its address no more.
      await show(h("img", { class: "preview", alt, "data-testid": "job-preview" }), url);
      URL.revokeObjectURL(url);
    },
    /**
     * @param {string} src
     * @param {string} alt
     * @returns {Promise<boolean>} whether it could be loaded
     */
    showFinished: (src, alt) => show(h("img", { class: "finished", alt, "data-testid": "job-image" }), src),
  };
}
