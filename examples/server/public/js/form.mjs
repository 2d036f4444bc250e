// @ts-check
import { byId, h, setAttribute, setText } from "./element.mjs";
import { DEMO_KEYS, EXAMPLES } from "./examples.mjs";
import { isNarrow } from "./narrow.mjs";
import { codePoints, findMistake, PROMPT_LIMIT, requestBody } from "./request.mjs";
import { mountSizes } from "./size-field.mjs";

/** @typedef {import("./errors.mjs").Field} Field */

const KEY_SETTLES_MS = 400;

/**
 * The form: reads and writes the request, marks what is wrong with it.
 *
 * @param {{
 *   onAttempt: () => void,
 *   onSubmit: (request: Record<string, any>) => void,
 *   onEdit: (field: Field) => void,
 *   onChange: () => void,
 *   onKey: (key: string) => void,
 * }} options `onAttempt`: to be sent, if nothing is wrong with it; `onEdit`: by hand; `onChange`: in any way
 */
export function mountForm({ onAttempt, onSubmit, onEdit, onChange, onKey }) {
  const form = byId("form");
  const prompt = byId("prompt");
  const model = byId("model");
  const count = byId("prompt-count");
  const n = byId("n");
  const key = byId("key");
  const sizes = mountSizes();
  const responseFormats = [...form.querySelectorAll('[name="response-format"]')];
  /** @type {Record<Field, { focus: () => void }>} */
  const controls = {
    prompt,
    model,
    size: sizes,
    quality: byId("quality"),
    style: byId("style"),
    n,
    output_format: byId("output-format"),
    response_format: { focus: () => responseFormats.find((radio) => radio.checked)?.focus() },
    key,
  };

  const values = () => ({
    prompt: prompt.value,
    model: model.value,
    size: sizes.read(),
    quality: byId("quality").value,
    style: byId("style").value,
    n: Number(n.value),
    outputFormat: byId("output-format").value,
    responseFormat: responseFormats.find((radio) => radio.checked)?.value,
  });

  const setMark = (/** @type {Field} */ field, /** @type {string} */ message, small = "") => {
    const group = form.querySelector(`[data-field="${field}"]`);
    const print = small === "" ? [] : [h("span", { class: "error-small" }, small)];
    byId(`${field}-error`).replaceChildren(message, ...print);
    group.classList.toggle("is-wrong", message !== "");
    for (const control of group.querySelectorAll("input, select, textarea")) {
      setAttribute(control, "aria-invalid", message === "" ? null : "true");
    }
  };
  const clearMarks = () => {
    for (const field of Object.keys(controls)) setMark(/** @type {Field} */ (field), "");
  };
  /** `small`: what to name when asking for help */
  const mark = (/** @type {Field} */ field, /** @type {string} */ message, small = "") => {
    setMark(field, message, small);
    controls[field].focus();
    // On a phone the page may just be scrolling to the jobs: it must be called back, wherever it is.
    byId(`${field}-error`).scrollIntoView({ block: isNarrow() ? "center" : "nearest" });
  };

  const changed = () => {
    const length = codePoints(prompt.value);
    setText(count, `${length.toLocaleString("en")} / ${PROMPT_LIMIT.toLocaleString("en")}`);
    count.classList.toggle("is-over", length > PROMPT_LIMIT);
    onChange();
  };

  form.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    flushKey();
    onAttempt();
    clearMarks();
    const mistake = findMistake(values());
    if (mistake === undefined) onSubmit(requestBody(values()));
    else mark(mistake.field, mistake.message);
  });
  prompt.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const edited = (/** @type {Field} */ field) => {
    setMark(field, "");
    onEdit(field);
    changed();
  };
  const editedIn = (/** @type {Event} */ { target }) => {
    const group = target instanceof Element ? target.closest("[data-field]") : null;
    if (group instanceof HTMLElement) edited(/** @type {Field} */ (group.dataset["field"]));
  };
  form.addEventListener("input", editedIn);
  form.addEventListener("change", editedIn);

  const stepBy = (/** @type {number} */ by) => () => {
    n.value = String(Math.min(10, Math.max(1, (Number(n.value) || 1) + by)));
    edited("n");
  };
  byId("n-less").addEventListener("click", stepBy(-1));
  byId("n-more").addEventListener("click", stepBy(1));

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let keyTimer;
  const flushKey = () => {
    clearTimeout(keyTimer);
    onKey(key.value.trim());
  };
  const setKey = (/** @type {string} */ text) => {
    key.value = text;
    flushKey();
    edited("key");
  };
  key.addEventListener("input", () => {
    clearTimeout(keyTimer);
    keyTimer = setTimeout(flushKey, KEY_SETTLES_MS);
  });

  const setPrompt = (/** @type {string} */ text) => {
    prompt.value = text;
    prompt.focus();
    edited("prompt");
  };
  byId("examples").append(
    ...EXAMPLES.map((example) =>
      chip(example.name, { title: example.prompt, onClick: () => setPrompt(example.prompt) }),
    ),
  );
  byId("keys").append(
    ...DEMO_KEYS.map((demo) => chip(demo.name, { title: demo.key, onClick: () => setKey(demo.key) })),
  );
  if (/Mac|iPhone|iPad/.test(navigator.userAgent)) setText(byId("generate-keys"), "⌘ ↵");

  const write = (/** @type {Record<string, any>} */ request) => {
    const { size, quality, style, output_format: outputFormat, response_format: responseFormat } = request;
    prompt.value = request["prompt"];
    if ([...model.options].some((option) => option.value === request["model"]))
      model.value = request["model"];
    sizes.write(size ?? "auto");
    byId("quality").value = quality ?? "";
    byId("style").value = style ?? "";
    byId("output-format").value = outputFormat ?? "";
    n.value = String(request["n"] ?? 1);
    for (const radio of responseFormats) radio.checked = radio.value === (responseFormat ?? "url");
  };

  return {
    /** The request as it would be sent now. */
    request: () => requestBody(values()),
    mark,
    clearMarks,
    /** @param {string} text */
    showKey(text) {
      key.value = text;
    },
    write,
    /** @param {Record<string, any>} request a request to edit and send again */
    fill(request) {
      write(request);
      clearMarks();
      setPrompt(request["prompt"]);
    },
    changed,
  };
}

const chip = (
  /** @type {string} */ name,
  /** @type {{ title: string, onClick: () => void }} */ { title, onClick },
) => h("li", {}, h("button", { class: "chip", type: "button", title, on: { click: onClick } }, name));
