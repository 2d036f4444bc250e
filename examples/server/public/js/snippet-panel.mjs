// @ts-check
import { copy } from "./clipboard.mjs";
import { byId, h, setAttribute } from "./element.mjs";
import { highlight } from "./highlight.mjs";
import { SNIPPETS } from "./snippets.mjs";

const COPIED_MS = 1_600;

/**
 * The request in code: tabs after the ARIA pattern (arrow keys move, one tab stop), text that follows the form.
 *
 * @param {{ announce: (text: string) => void }} options
 */
export function mountSnippets({ announce }) {
  const panel = byId("snippet-panel");
  const code = byId("snippet-code");
  // Long lines scroll, and a keyboard can only scroll what it can reach.
  panel.tabIndex = 0;
  const copyButton = byId("snippet-copy");
  /** @type {(typeof SNIPPETS)[number]} */
  let current = SNIPPETS[0];
  /** @type {import("./snippets.mjs").Facts | undefined} */
  let facts;

  const show = () => {
    for (const [index, tab] of tabs.entries()) {
      const isCurrent = SNIPPETS[index] === current;
      setAttribute(tab, "aria-selected", String(isCurrent));
      tab.tabIndex = isCurrent ? 0 : -1;
    }
    setAttribute(panel, "aria-labelledby", `snippet-${current.id}`);
    if (facts === undefined) return;
    const text = current.write(facts);
    if (code.textContent !== text) code.replaceChildren(...highlight(text, current.language));
  };

  const tabs = SNIPPETS.map((snippet, index) =>
    h(
      "button",
      {
        id: `snippet-${snippet.id}`,
        type: "button",
        role: "tab",
        "aria-controls": "snippet-panel",
        "data-testid": `snippet-tab-${snippet.id}`,
        on: {
          click: () => {
            current = snippet;
            show();
          },
          keydown: (/** @type {KeyboardEvent} */ event) => {
            const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: SNIPPETS.length - 1 }[
              event.key
            ];
            if (to === undefined) return;
            event.preventDefault();
            const tab = tabs[(to + tabs.length) % tabs.length];
            tab.focus();
            tab.click();
          },
        },
      },
      snippet.name,
    ),
  );
  byId("snippet-tabs").append(...tabs);

  copyButton.addEventListener("click", async () => {
    const isCopied = await copy(code.textContent);
    copyButton.textContent = isCopied ? "Copied" : "Not allowed";
    announce(isCopied ? `${current.name} code copied.` : "The browser did not allow copying.");
    setTimeout(() => {
      copyButton.textContent = "Copy";
    }, COPIED_MS);
  });

  return (/** @type {import("./snippets.mjs").Facts} */ next) => {
    facts = next;
    show();
  };
}
