// @ts-check
import { h } from "./element.mjs";

const KEYWORDS = "import|from|const|await|for|of|new|if|in|with|open|as|print|curl|console|client|setTimeout";
const TOKENS = {
  // A JSON body inside quotes is one string to the shell, but easier to read by its own parts.
  shell: /(?<string>"(?:[^"\\]|\\.)*"|https?:[^\s']+)|(?<keyword>\bcurl\b|(?<=\s)-[Hd]\b)/g,
  javascript: new RegExp(
    `(?<comment>//.*)|(?<string>"(?:[^"\\\\]|\\\\.)*"|\`[^\`]*\`)|\\b(?<keyword>${KEYWORDS})\\b`,
    "g",
  ),
  python: new RegExp(`(?<comment>#.*)|(?<string>f?"(?:[^"\\\\]|\\\\.)*")|\\b(?<keyword>${KEYWORDS})\\b`, "g"),
};

/**
 * Code as text nodes and coloured spans.
 *
 * @param {string} code
 * @param {keyof typeof TOKENS} language
 * @returns {Node[]}
 */
export function highlight(code, language) {
  /** @type {Node[]} */
  const nodes = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS[language])) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    nodes.push(new Text(code.slice(end, match.index)), h("span", { class: `code-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(new Text(code.slice(end)));
  return nodes;
}
