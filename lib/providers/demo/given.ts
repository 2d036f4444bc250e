import { untilAborted } from "../../internal/until-aborted";
import { type ImageTask, type InputImage, ProviderError, type Size } from "../../ports";
import { cancelled } from "./cancelled";
import { LARGEST_INPUT_BYTES } from "./card";
import type { SharpLibrary } from "./library";
import { type Sides, sidesOf } from "./sides";

/** More than a picture of a request can have. */
const MOST_PIXELS = 64_000_000;

/** How far the edge of a mask is softened, in parts of the longer side. */
const SOFT_EDGE = 1 / 250;

/** What a task begins with, decoded, at the size of the picture to be made. */
export interface Given extends Sides {
  /** Three bytes a pixel. */
  readonly image: Buffer;
  /** One byte a pixel, 255 where the picture is to change; absent: anywhere. */
  readonly mask: Buffer | undefined;
}

export type EditTask = Exclude<ImageTask, { readonly op: "generate" }>;

/** @throws ProviderError `invalid_request`, `cancelled`, `internal` */
export async function readGiven(sharp: SharpLibrary, task: EditTask, signal: AbortSignal): Promise<Given> {
  const [first, ...others] = task.images;
  if (first === undefined || others.length > 0) throw refused("This model takes one picture.", "image");
  const image = await whole(first, "image", signal);
  const mask = task.op === "edit" && task.mask ? await whole(task.mask, "mask", signal) : undefined;
  const decoded = await decodable("image", () => decodeImage(sharp, image, task.size));
  if (mask === undefined) return { ...decoded, mask };
  return { ...decoded, mask: await decodable("mask", () => decodeMask(sharp, mask, decoded)) };
}

async function decodeImage(sharp: SharpLibrary, bytes: Buffer, size: Size | undefined) {
  const picture = sharp(bytes, { limitInputPixels: MOST_PIXELS });
  const { autoOrient } = await picture.metadata();
  const { width, height } = sidesOf(size, autoOrient);
  const image = await picture
    .autoOrient()
    .resize(width, height, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  return { image, width, height };
}

const decodeMask = (sharp: SharpLibrary, bytes: Buffer, { width, height }: Sides): Promise<Buffer> =>
  sharp(bytes, { limitInputPixels: MOST_PIXELS })
    .ensureAlpha()
    .extractChannel("alpha")
    .negate()
    .resize(width, height, { fit: "cover" })
    .blur(Math.max(0.3, Math.max(width, height) * SOFT_EDGE))
    .toColourspace("b-w")
    .raw()
    .toBuffer();

/** Whatever the library says of a picture, it is the caller's. */
async function decodable<T>(param: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (ProviderError.is(error)) throw error;
    throw refused("The picture cannot be read.", param);
  }
}

async function whole(image: InputImage, param: string, signal: AbortSignal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of untilAborted(image.open(), signal)) {
      length += piece.byteLength;
      if (length > LARGEST_INPUT_BYTES) throw refused("The picture is too large.", param);
      pieces.push(piece);
    }
  } catch (error) {
    if (ProviderError.is(error)) throw error;
    if (signal.aborted) throw cancelled("no");
    const message = "A picture of the request could not be read.";
    throw new ProviderError("internal", message, { started: "no", cause: error });
  }
  return Buffer.concat(pieces);
}

const refused = (message: string, param: string): ProviderError =>
  new ProviderError("invalid_request", message, { started: "no", param });
