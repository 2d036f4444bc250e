import { listMember, textMember } from "../../../internal/json-shape";

/** What a server lets one choose from. */
export interface Choices {
  /** As they are sent. */
  readonly names: readonly string[];
  /** Each spelling that means one of them, in lower case. */
  readonly spellings: ReadonlyMap<string, string>;
}

const MAX_CHOICES = 200;

/** Fit to be shown. */
const NAME = /^[^\p{C}]{1,64}$/u;

/**
 * Reads `GET /sdapi/v1/samplers` and `GET /sdapi/v1/schedulers`; `undefined` when nothing is listed. A server that gets anything but
 * a name draws with its default and says nothing.
 */
export function readChoices(json: unknown): Choices | undefined {
  const items: readonly unknown[] = Array.isArray(json) ? json.slice(0, MAX_CHOICES) : [];
  const names: string[] = [];
  const spellings = new Map<string, string>();
  for (const item of items) {
    const name = textMember(item, "name");
    if (name === undefined || !NAME.test(name)) continue;
    names.push(name);
    for (const other of [textMember(item, "label"), ...listMember(item, "aliases")]) {
      if (typeof other === "string") spellings.set(other.toLowerCase(), name);
    }
  }
  // Last: another's alias must not hide a name.
  for (const name of names) spellings.set(name.toLowerCase(), name);
  return names.length === 0 ? undefined : { names, spellings };
}
