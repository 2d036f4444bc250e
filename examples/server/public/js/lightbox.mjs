// @ts-check
import { copy } from "./clipboard.mjs";
import { download } from "./download.mjs";
import { ago } from "./durations.mjs";
import { byId, h, setText } from "./element.mjs";
import { icon } from "./icons.mjs";

/** @typedef {import("./state.mjs").Picture} Picture */

/**
 * One picture large, with its neighbours within reach of the arrow keys. A modal dialog: Esc closes it, the rest of the page is
 * out of reach, and focus goes back to where it was opened.
 *
 * @param {{ onReuse: (prompt: string) => void, announce: (text: string) => void }} options
 */
export function mountLightbox({ onReuse, announce }) {
  const dialog = byId("lightbox");
  /** @type {readonly Picture[]} */
  let pictures = [];
  let place = 0;
  /** @type {HTMLElement | undefined} */
  let opener;

  const image = h("img", { class: "lightbox-image", "data-testid": "lightbox-image" });
  const prompt = h("p", { class: "lightbox-prompt" });
  const facts = h("p", { class: "lightbox-facts" });
  const counter = h("span", { class: "lightbox-counter", "aria-live": "polite" });
  const button = (
    /** @type {Parameters<typeof icon>[0]} */ name,
    /** @type {string} */ label,
    /** @type {Record<string, any>} */ rest,
  ) =>
    h(
      "button",
      { class: "icon-button", type: "button", "aria-label": label, title: label, ...rest },
      icon(name),
    );

  const close = () => dialog.close();
  const previous = button("previous", "Previous picture", {
    "data-testid": "lightbox-previous",
    on: { click: () => go(-1) },
  });
  const next = button("next", "Next picture", { "data-testid": "lightbox-next", on: { click: () => go(1) } });
  const save = button("download", "Download", {
    "data-testid": "lightbox-download",
    on: { click: () => void download(current()) },
  });
  const link = button("link", "Copy link", {
    on: {
      click: async () => {
        const isCopied = await copy(new URL(current().src, location.href).href);
        announce(isCopied ? "Link copied." : "The browser did not allow copying.");
      },
    },
  });
  const reuse = button("reuse", "Use this prompt", {
    on: {
      click: () => {
        const text = current().prompt;
        opener = undefined;
        close();
        if (text !== null) onReuse(text);
      },
    },
  });
  dialog.append(
    h(
      "div",
      { class: "lightbox-bar" },
      counter,
      reuse,
      link,
      save,
      button("close", "Close", { "data-testid": "lightbox-close", autofocus: true, on: { click: close } }),
    ),
    h("div", { class: "lightbox-stage" }, previous, image, next),
    h("div", { class: "lightbox-caption" }, prompt, facts),
  );

  const current = () => /** @type {Picture} */ (pictures[place]);

  const show = () => {
    const picture = current();
    image.src = picture.src;
    image.alt = picture.prompt ?? `A picture by ${picture.model}`;
    setText(prompt, picture.prompt ?? "");
    showFacts();
    setText(counter, `${place + 1} / ${pictures.length}`);
    link.hidden = picture.src.startsWith("blob:");
    reuse.hidden = picture.prompt === null;
    previous.hidden = next.hidden = pictures.length < 2;
  };
  const showFacts = () => {
    const { model, contentType, finishedAt } = current();
    const size = image.naturalWidth > 0 ? `${image.naturalWidth} × ${image.naturalHeight}` : "";
    const type = contentType.slice("image/".length).toUpperCase();
    setText(facts, [model, size, type, ago(finishedAt, Date.now())].filter(Boolean).join(" · "));
  };
  const go = (/** @type {number} */ by) => {
    if (pictures.length < 2) return;
    place = (place + by + pictures.length) % pictures.length;
    show();
  };

  image.addEventListener("load", showFacts);
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    go(by);
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const isBackground = event.target === dialog || event.target === image.parentElement;
    if (isBackground) close();
  });
  dialog.addEventListener("close", () => {
    image.removeAttribute("src");
    if (opener?.isConnected) opener.focus();
  });

  /**
   * @param {Picture} picture
   * @param {readonly Picture[]} all in the order in which the arrows go
   * @param {HTMLElement} from gets the focus back
   */
  return (picture, all, from) => {
    pictures = all;
    place = Math.max(
      0,
      all.findIndex(({ id }) => id === picture.id),
    );
    opener = from;
    show();
    dialog.showModal();
  };
}
