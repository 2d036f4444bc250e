import type { ImageHead } from "../../internal/image-head";
import { GatewayError } from "../../ports";
import { hasTooManyPixels, MAX_SIDE } from "./dimensions";

/** What is known of a picture of a request once its beginning is there. */
export interface Beginning {
  /** The field that it came in, as the caller wrote it. */
  readonly param: string;
  readonly isMask: boolean;
  readonly isEmpty: boolean;
  /** What the bytes say that it is; absent: nothing that is known here. */
  readonly head: ImageHead | undefined;
}

/** @throws GatewayError `invalid_value` for what no provider could use */
export function usableInput({ param, isMask, isEmpty, head }: Beginning): ImageHead {
  const refused = (message: string) => new GatewayError("invalid_value", message, { param });
  if (isEmpty) throw refused(`The picture in '${param}' is empty.`);
  if (head === undefined)
    throw refused(`The file in '${param}' is not a PNG, JPEG, WebP, GIF or AVIF picture.`);
  if (isMask && head.contentType !== "image/png") throw refused("The mask must be a PNG.");
  if (hasTooManyPixels(head)) {
    throw refused(
      `The picture in '${param}' is ${head.width}x${head.height}: sides up to ${MAX_SIDE} and 64 megapixels are taken.`,
    );
  }
  return head;
}

const MAX_NAME = 100;

/** A caller's name for a file, which is kept with the job: without its path, and in the characters of plain file names. */
export function plainName(name: string): string {
  const [last = ""] = name.split(/[\\/]/).slice(-1);
  return last.replace(/[^\w.-]+/g, "_").slice(-MAX_NAME) || "image";
}
