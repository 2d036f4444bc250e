import { isObject, type JsonObject, listMember, textMember } from "../../../internal/json-shape";
import { ProviderError } from "../../../ports/provider-error";

/** One file that an output node has told of. */
export interface PictureEntry {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

const SERVED = /\.(?:png|jpe?g|webp|gif|avif)$/i;
const FOLDERS = new Set(["output", "temp", "input"]);
const MAX_NAME = 255;

/**
 * The pictures among what the output node has told. Files of other kinds are refused by their extension.
 *
 * @throws ProviderError `misconfigured` for videos and the like, `protocol` for names that are none
 */
export function pictureEntries(outputs: JsonObject, outputId: string): PictureEntry[] {
  const told = [...Object.entries(outputs)].filter(
    ([id]) => id === outputId || id.startsWith(`${outputId}.`),
  );
  const entries = told
    .flatMap(([, output]) => KEYS.flatMap((key) => listMember(output, key)))
    .map(checkedEntry);
  const other = entries.find(({ filename }) => !SERVED.test(filename));
  if (other === undefined) return entries;
  const extension = /\.(\w{1,8})$/.exec(other.filename)?.[1]?.toLowerCase() ?? "no extension";
  throw new ProviderError("misconfigured", `The workflow makes files (${extension}) that are not served.`, {
    started: "yes",
  });
}

/** Nodes tell of pictures under `images`, of animations also under `gifs`. */
const KEYS = ["images", "gifs"] as const;

/** The names go back to the server as query values and are never a path of ours; still, none may lead out of its folder. */
function checkedEntry(entry: unknown): PictureEntry {
  const filename = textMember(entry, "filename") ?? "";
  const subfolder = textMember(entry, "subfolder") ?? "";
  const type = textMember(entry, "type") ?? "output";
  const isPlain =
    isObject(entry) &&
    filename !== "" &&
    filename.length <= MAX_NAME &&
    subfolder.length <= MAX_NAME &&
    !/[/\\\0]|^\.\.?$/.test(filename) &&
    !/\\|\0|^\/|^\w:|(?:^|\/)\.\.(?:\/|$)/.test(subfolder) &&
    FOLDERS.has(type);
  if (isPlain) return { filename, subfolder, type };
  throw new ProviderError("protocol", "The server names its pictures in a way that is not followed.", {
    started: "yes",
  });
}
