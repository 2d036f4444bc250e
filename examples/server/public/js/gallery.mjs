// @ts-check

import { download } from "./download.mjs";
import { byId, h, setAttribute, setText } from "./element.mjs";
import { galleryItems } from "./gallery-items.mjs";
import { icon } from "./icons.mjs";
import { keyedList } from "./keyed-list.mjs";

/** @typedef {import("./gallery-items.mjs").GalleryItem} GalleryItem */

const SKELETONS = 4;

/**
 * @param {{
 *   onOpen: (picture: import("./state.mjs").Picture, opener: HTMLElement) => void,
 *   onBroken: (picture: import("./state.mjs").Picture) => void,
 *   onSeen: (jobId: string) => void,
 * }} options `onSeen`: the place of a picture that is not here yet has come into view
 */
export function mountGallery({ onOpen, onBroken, onSeen }) {
  const list = byId("gallery");
  const empty = byId("gallery-empty");
  const note = byId("gallery-note");
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting && target instanceof HTMLElement) onSeen(target.dataset["jobId"] ?? "");
      }
    },
    { rootMargin: "200px" },
  );
  const show = keyedList(list, {
    keyOf: (/** @type {GalleryItem} */ { id }) => id,
    create: () => tile({ onOpen, onBroken, observer }),
  });

  return (/** @type {import("./state.mjs").State} */ state) => {
    const isLoading = state.recent.status === "loading" && state.recent.jobs.length === 0;
    const items = galleryItems(state);
    const places = isLoading ? Array.from({ length: SKELETONS }, skeleton) : [];
    show([...items, ...places]);
    setAttribute(list, "aria-busy", isLoading ? "true" : null);
    empty.hidden = items.length > 0 || isLoading;
    setText(note, items.length === 0 ? "" : `${items.length} ${items.length === 1 ? "picture" : "pictures"}`);
  };
}

const skeleton = (/** @type {unknown} */ _, /** @type {number} */ index) => ({
  id: `skeleton-${index}`,
  jobId: "",
  picture: null,
  prompt: null,
  model: "",
  finishedAt: 0,
});

/** @param {Omit<Parameters<typeof mountGallery>[0], "onSeen"> & { observer: IntersectionObserver }} options */
function tile({ onOpen, onBroken, observer }) {
  /** @type {import("./state.mjs").Picture | null} */
  let picture = null;
  const image = h("img", {
    class: "tile-image",
    alt: "",
    loading: "lazy",
    decoding: "async",
    on: {
      load: () => element.classList.add("is-loaded"),
      error: () => {
        element.classList.remove("is-loaded");
        element.classList.add("is-gone");
        if (picture) onBroken(picture);
      },
    },
  });
  const open = h(
    "button",
    {
      class: "tile-open",
      "data-testid": "gallery-open",
      type: "button",
      disabled: true,
      on: { click: () => picture && onOpen(picture, open) },
    },
    image,
  );
  const save = h(
    "button",
    {
      class: "tile-download",
      type: "button",
      hidden: true,
      title: "Download",
      "data-testid": "gallery-download",
      on: { click: () => picture && void download(picture) },
    },
    icon("download"),
  );
  const caption = h("span", { class: "tile-caption", "aria-hidden": "true" });
  const element = h("li", { class: "tile" }, open, caption, save);

  return {
    element,
    update(/** @type {GalleryItem} */ item) {
      const name = item.prompt ?? `A picture by ${item.model}`;
      setAttribute(element, "data-testid", item.jobId === "" ? "gallery-skeleton" : "gallery-item");
      setAttribute(element, "data-job-id", item.jobId);
      setText(caption, item.jobId === "" ? "" : name);
      if (item.picture === null) {
        setAttribute(open, "aria-label", `Loading: ${name}`);
        if (item.jobId !== "") observer.observe(element);
        return;
      }
      observer.unobserve(element);
      if (item.picture === picture) return;
      picture = item.picture;
      element.classList.remove("is-gone");
      image.alt = name;
      image.src = picture.src;
      open.disabled = false;
      setAttribute(open, "aria-label", null);
      setAttribute(save, "aria-label", `Download: ${name}`);
      save.hidden = false;
    },
    remove: () => observer.unobserve(element),
  };
}
