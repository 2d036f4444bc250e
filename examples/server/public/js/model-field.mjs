// @ts-check
import { byId, h, setAttribute, setText } from "./element.mjs";

/** @typedef {import("./state.mjs").Model} Model */

/**
 * The list of models, aliases said; the choice stays as long as the list has it.
 *
 * @param {{ wanted: () => string | undefined }} options `wanted`: what to choose first, if the list has it
 */
export function mountModels({ wanted }) {
  const select = byId("model");
  const hint = byId("model-hint");
  /** @type {readonly Model[] | undefined} */
  let shown;
  /** @type {readonly Model[]} */
  let list = [];

  const explainChoice = () => {
    const model = list.find(({ id }) => id === select.value);
    setText(
      hint,
      model === undefined ? "" : model.alias_of ? `stands for ${model.alias_of}` : `by ${model.owned_by}`,
    );
  };
  select.addEventListener("change", explainChoice);

  return (/** @type {import("./state.mjs").State["models"]} */ models) => {
    const isEmpty = models.list.length === 0;
    setAttribute(select, "aria-busy", models.status === "loading" ? "true" : null);
    select.disabled = isEmpty;
    if (isEmpty) {
      shown = undefined;
      const text = models.status === "loading" ? "Loading models…" : "No models";
      if (select.textContent !== text) select.replaceChildren(h("option", { value: "" }, text));
      setText(hint, "");
      return;
    }
    if (models.list === shown) return;
    shown = models.list;
    list = models.list;
    const before = select.value || wanted();
    const own = list.filter(({ alias_of }) => !alias_of);
    const aliases = list.filter(({ alias_of }) => alias_of);
    select.replaceChildren(
      group("Models", own, ({ id }) => id),
      ...(aliases.length === 0
        ? []
        : [group("Aliases", aliases, ({ id, alias_of }) => `${id}  →  ${alias_of}`)]),
    );
    if (list.some(({ id }) => id === before)) select.value = before;
    explainChoice();
  };
}

const group = (
  /** @type {string} */ label,
  /** @type {readonly Model[]} */ models,
  /** @type {(model: Model) => string} */ name,
) => h("optgroup", { label }, ...models.map((model) => h("option", { value: model.id }, name(model))));
