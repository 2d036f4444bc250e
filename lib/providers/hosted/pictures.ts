import type { ImageOut, RunResult, Warning } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";

/** What else models make, told by the ends of its links. */
const OTHERS: readonly (readonly [what: string, ends: RegExp])[] = [
  ["a video", /\.(?:mp4|m4v|webm|mov|mkv|avi)$/i],
  ["sound", /\.(?:mp3|wav|ogg|opus|flac|m4a|aac)$/i],
  ["a 3D model", /\.(?:glb|gltf|obj|stl|ply|usdz)$/i],
  ["an SVG drawing", /\.svg$/i],
  ["an archive", /\.(?:zip|tar|t?gz|7z|safetensors)$/i],
  ["text", /\.(?:txt|md|json|csv|srt|vtt)$/i],
];
const OTHER_TYPES: readonly (readonly [what: string, type: RegExp])[] = [
  ["a video", /^video\//i],
  ["sound", /^audio\//i],
  ["a 3D model", /^model\//i],
  ["an SVG drawing", /^image\/svg/i],
  ["text", /^(?:text\/|application\/json)/i],
];

/** What a link leads to that is no picture; `undefined` where nothing speaks against a picture: in the end the bytes decide. */
export function otherThanPicture(link: string, type = ""): string | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url === undefined || !/^(?:https?|data):$/.test(url.protocol)) return "text";
  const [, ofData = ""] = /^data:([^;,]{0,100})/.exec(link) ?? [];
  const named = OTHER_TYPES.find(([, pattern]) => pattern.test(type) || pattern.test(ofData));
  if (named !== undefined || url.protocol === "data:") return named?.[0];
  return OTHERS.find(([, ends]) => ends.test(url.pathname))?.[0];
}

/** @param what in words, such as "a video" */
export const notPictures = (what: string): ProviderError =>
  new ProviderError("protocol", `the model made ${what}, not pictures`, { started: "yes" });

export interface Made {
  readonly n: number;
  readonly warnings: readonly Warning[];
  readonly upstreamId: string;
  /** Pictures that the upstream's filter has blackened. */
  readonly withheld?: number;
}

/**
 * The pictures of a call as its result.
 *
 * @throws ProviderError `content_policy` when all were withheld, `protocol` when there are none for another reason
 */
export function delivered(
  made: readonly ImageOut[],
  { n, warnings, upstreamId, withheld = 0 }: Made,
): RunResult {
  const images = made.slice(0, n);
  if (images.length === 0 && withheld > 0) {
    const message = "the upstream's filter withheld the pictures";
    throw new ProviderError("content_policy", message, {
      started: "yes",
      upstreamId,
      moderation: { stage: "output" },
    });
  }
  if (images.length === 0) {
    const message = "the upstream answered without a picture";
    throw new ProviderError("protocol", message, { started: "yes", upstreamId });
  }
  const why = withheld > 0 ? `; its filter withheld ${withheld}` : "";
  const short = { param: "n", message: `the upstream made ${images.length} of ${n} images${why}` };
  const meta = { upstreamId, warnings: images.length < n ? [...warnings, short] : warnings };
  return { images, meta: () => meta };
}
