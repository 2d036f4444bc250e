import type { Flow } from "../../internal/flow";
import { inPieces } from "../../internal/in-pieces";
import { Slots } from "../../internal/slots";
import { signalOf } from "../../internal/stop";
import type { Conversion, ImageConverter, JobImage, JobPlan, Logger, Warning } from "../../ports";
import { describeError } from "../describe-error";
import { type OpenOptions, type OpenPicture, openPicture } from "./open-picture";

/** Each is held whole, decoded even, and keeps threads busy that files and names are read with. */
const AT_ONCE = 2;
/** Decoded, four bytes each. */
const MOST_PIXELS = 36_000_000;

/** Makes a picture what it is to be; what cannot be made so stays as it is. */
export type Convert = (picture: OpenPicture, options: OpenOptions) => Promise<OpenPicture>;

/** The conversions of one process. */
export interface Conversions {
  /** @param about what the log is to say of a picture that stays as it is */
  to(conversion: Conversion, about: object): Convert;
}

/**
 * Between the providers and the converter: few at a time, none that is too large, and a failure costs nobody a picture that is made and paid for.
 *
 * @param converter absent in a process that does jobs of others with one: there all pictures stay as they are
 */
export function createConversions(converter: ImageConverter | undefined, log: Logger): Conversions {
  const slots = new Slots(AT_ONCE);
  return {
    to: (conversion, about) => async (picture, options) => {
      if (isWanted(picture, conversion)) return picture;
      const unconverted = (why: object) =>
        log.warn(
          { ...about, from: picture.contentType, to: conversion.format, ...why },
          "a picture could not be converted",
        );
      if (converter === undefined || picture.width * picture.height > MOST_PIXELS) {
        unconverted({ reason: converter === undefined ? "no converter" : "too many pixels" });
        return picture;
      }
      return slots.run(options.signal, async () => {
        const original = await whole(picture.bytes());
        try {
          return await converted(converter, original, conversion, options);
        } catch (error) {
          options.signal.throwIfAborted();
          unconverted(describeError(error));
          return reopened(original, options);
        }
      });
    },
  };
}

/** What a job says of pictures that are not what they were to be made. */
export function unconvertedWarnings(
  { convert }: Pick<JobPlan, "convert">,
  images: Iterable<JobImage>,
): Warning[] {
  if (convert === undefined) return [];
  const count = [...images].filter((image) => !isWanted(image, convert)).length;
  if (count === 0) return [];
  const what = count === 1 ? "One picture" : `${count} pictures`;
  return [{ param: "output_format", message: `${what} could not be converted to '${convert.format}'.` }];
}

const isWanted = ({ contentType }: Pick<JobImage, "contentType">, { format }: Conversion): boolean =>
  contentType === `image/${format}`;

/** @throws what the converter throws, or what is wrong with its picture */
async function converted(
  converter: ImageConverter,
  original: Uint8Array,
  conversion: Conversion,
  options: OpenOptions,
): Promise<OpenPicture> {
  const bytes = await converter.convert(original, conversion, signalOf(options.signal));
  if (bytes.byteLength > options.maxBytes) throw new Error("The converted picture has too many bytes.");
  const picture = await reopened(bytes, options);
  if (isWanted(picture, conversion)) return picture;
  throw new TypeError(`The converter made ${picture.contentType} of ${conversion.format}.`);
}

const reopened = (bytes: Uint8Array, options: OpenOptions): Promise<OpenPicture> =>
  openPicture({ data: { as: "bytes", open: () => inPieces(bytes) } }, options);

async function whole(bytes: Flow): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of bytes) all.push(piece);
  return Buffer.concat(all);
}
