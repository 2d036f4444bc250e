// @ts-check
import { byId, h } from "./element.mjs";

const PRESETS = [
  { value: "1024x1024", name: "Square", shape: "square" },
  { value: "1536x1024", name: "Wide 3:2", shape: "wide" },
  { value: "1792x1024", name: "Wide 7:4", shape: "wider" },
  { value: "1024x1536", name: "Tall 2:3", shape: "tall" },
  { value: "1024x1792", name: "Tall 4:7", shape: "taller" },
  { value: "512x512", name: "Small", shape: "small" },
  { value: "auto", name: "Auto", note: "by model", shape: "auto" },
  { value: "custom", name: "Custom", note: "your own", shape: "custom" },
];

export function mountSizes() {
  const custom = byId("custom-size");
  const width = byId("width");
  const height = byId("height");
  const radios = PRESETS.map(({ value }, index) =>
    h("input", { type: "radio", name: "size", value, checked: index === 0, "data-testid": `size-${value}` }),
  );
  byId("sizes").append(
    ...PRESETS.map(({ value, name, note, shape }, index) =>
      h(
        "label",
        { class: "size" },
        radios[index],
        h("i", { class: `shape shape-${shape}`, "aria-hidden": "true" }),
        h("b", {}, name),
        h("small", {}, note ?? value.replace("x", "×")),
      ),
    ),
  );
  const chosen = () => radios.find((radio) => radio.checked)?.value;
  const show = () => {
    custom.hidden = chosen() !== "custom";
  };
  byId("sizes").addEventListener("change", () => {
    show();
    if (chosen() === "custom") width.focus();
  });

  return {
    read: () =>
      chosen() === "custom" ? `${Number(width.value)}x${Number(height.value)}` : (chosen() ?? "auto"),
    /** @param {string} size */
    write(size) {
      const radio = radios.find(({ value }) => value === size) ?? radios.at(-1);
      radio.checked = true;
      if (radio.value === "custom") [width.value, height.value] = size.split("x");
      show();
    },
    focus: () => (chosen() === "custom" ? width : radios.find((radio) => radio.checked))?.focus(),
  };
}
