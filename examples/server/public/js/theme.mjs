// @ts-check
import { setAttribute } from "./element.mjs";
import { icon } from "./icons.mjs";

const root = document.documentElement;

/** @param {HTMLButtonElement} button */
export function mountTheme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";

  const show = () => {
    button.querySelector("svg")?.remove();
    button.append(icon(isDark() ? "sun" : "moon"));
    setAttribute(button, "aria-pressed", String(isDark()));
    button.title = isDark() ? "Change to light" : "Change to dark";
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    root.dataset["theme"] = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Not remembered, still changed.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}
