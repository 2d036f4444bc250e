import { nearestName } from "./nearest-name";

/**
 * Refuses options that nobody would read: a misspelt one would be without effect, and without a word.
 *
 * @param where as its caller writes it, such as `openai()`
 * @param path of the option that holds these, such as `links`; absent: they are what the caller gives
 * @throws TypeError naming the first unknown option, the one that was probably meant, and the known ones
 */
export function checkOptionNames(
  where: string,
  options: unknown,
  known: readonly string[],
  path?: string,
): void {
  if (typeof options !== "object" || options === null) {
    const subject = path === undefined ? "it takes" : `option '${path}' must be`;
    throw new TypeError(`${where}: ${subject} an object with the options ${known.join(", ")}.`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const name = path === undefined ? unknown : `${path}.${unknown}`;
  const near = nearestName(unknown, known);
  const hint =
    near === undefined ? `known: ${known.join(", ")}` : `did you mean '${near}'? Known: ${known.join(", ")}`;
  throw new TypeError(`${where}: option '${name}' is unknown; ${hint}.`);
}
