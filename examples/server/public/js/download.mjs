// @ts-check
import { h } from "./element.mjs";
import { fileName } from "./pictures.mjs";

/** Browsers read a download's address a little after the click. */
const KEPT_MS = 10_000;

/**
 * Saves a picture under a name made from its prompt. A link of the server's names the file by its key, which says nothing, so the
 * bytes are fetched first; where that is not allowed (a store on another host) the browser opens the link itself.
 *
 * @param {import("./state.mjs").Picture} picture
 */
export async function download(picture) {
  const name = fileName(picture);
  if (picture.src.startsWith("blob:")) return save(picture.src, name);
  try {
    const response = await fetch(picture.src);
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const url = URL.createObjectURL(await response.blob());
    save(url, name);
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  } catch {
    window.open(picture.src, "_blank", "noopener");
  }
}

/**
 * @param {string} href
 * @param {string} name
 */
const save = (href, name) => h("a", { href, download: name }).click();
