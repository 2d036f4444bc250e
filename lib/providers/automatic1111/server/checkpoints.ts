import { textMember } from "../../../internal/json-shape";

/** A file of weights that the server can load. */
export interface Checkpoint {
  /** By which it is asked for; changes when the server has computed the file's hash. */
  readonly title: string;
  /** Stays the same, and is what clients write. */
  readonly name: string;
  /** Everything that the server takes for its name. */
  readonly names: ReadonlySet<string>;
}

const MAX_MODELS = 1_000;

/** Fit to be shown, and to be written in a request. */
const NAME = /^(?=\S)[^\p{C}]{1,256}(?<=\S)$/u;

/** Reads `GET /sdapi/v1/sd-models`; `undefined` when it is no list. Of several with one name the first counts. */
export function readCheckpoints(json: unknown): readonly Checkpoint[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const found = new Map<string, Checkpoint>();
  for (const item of json.slice(0, MAX_MODELS)) {
    const title = textMember(item, "title");
    const name = textMember(item, "model_name") ?? title;
    if (title === undefined || name === undefined || !NAME.test(name) || found.has(name)) continue;
    found.set(name, { title, name, names: namesOf(item, title, name) });
  }
  return [...found.values()];
}

export const findCheckpoint = (list: readonly Checkpoint[], wanted: string): Checkpoint | undefined =>
  list.find(({ title }) => title === wanted) ?? list.find(({ names }) => names.has(wanted));

/** A title is `folder/file.safetensors [hash]`. */
function namesOf(item: unknown, title: string, name: string): ReadonlySet<string> {
  const file = title.replace(/ \[[0-9a-f]+\]$/, "");
  const stem = file.replace(/^.*[\\/]/, "").replace(/\.[^.]+$/, "");
  const hashes = [textMember(item, "hash"), textMember(item, "sha256")];
  return new Set([title, name, file, stem, ...hashes.filter((hash) => hash !== undefined)]);
}
