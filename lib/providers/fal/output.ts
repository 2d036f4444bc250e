import { defined } from "../../internal/defined";
import { countMember, type JsonObject, listMember, member, textMember } from "../../internal/json-shape";
import type { ImageOut } from "../../ports/provider";
import { notPictures, otherThanPicture } from "../hosted/pictures";

/** Where models put what is no picture. */
const OTHERS: readonly (readonly [member: string, what: string])[] = [
  ["video", "a video"],
  ["videos", "a video"],
  ["audio", "sound"],
  ["audio_file", "sound"],
  ["audio_url", "sound"],
  ["model_mesh", "a 3D model"],
  ["model_glb", "a 3D model"],
  ["output", "text"],
  ["text", "text"],
];

export interface Output {
  readonly images: readonly ImageOut[];
  /** Pictures that the safety checker has blackened. */
  readonly withheld: number;
}

/**
 * The pictures of a result: `images: [{url, content_type, width, height}]`, or one in `image`; `has_nsfw_concepts` says of each
 * whether the safety checker has found it wanting.
 *
 * @param isChecked the safety checker is on: what it marks, it blackens
 * @throws ProviderError `protocol` for results that are no pictures, in words
 */
export function picturesOf(result: JsonObject, isChecked: boolean): Output {
  const single = member(result, "image");
  const files = single === undefined || single === null ? listMember(result, "images") : [single];
  const marks = listMember(result, "has_nsfw_concepts");
  if (files.length === 0) refuseOthers(result);
  const made = files.map((file, at) => pictureOf(file, marks[at] === true));
  const images = made.filter(({ flagged }) => !(isChecked && flagged === true));
  return { images, withheld: made.length - images.length };
}

function refuseOthers(result: JsonObject): void {
  const [, what] = OTHERS.find(([name]) => member(result, name) !== undefined) ?? [];
  if (what !== undefined) throw notPictures(what);
}

function pictureOf(file: unknown, flagged: boolean): ImageOut {
  const url = typeof file === "string" ? file : textMember(file, "url");
  const type = textMember(file, "content_type");
  if (url === undefined) throw notPictures("something else");
  const what = otherThanPicture(url, type);
  if (what !== undefined) throw notPictures(what);
  const width = countMember(file, "width");
  const height = countMember(file, "height");
  return defined({
    data: { as: "url", url },
    type,
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(flagged ? { flagged } : {}),
  });
}
