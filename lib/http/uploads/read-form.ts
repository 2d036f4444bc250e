import { shortened } from "../../internal/shortened";
import { GatewayError } from "../../ports";
import type { FormPart } from "./form-parts";
import { type TakeImage, type Upload, UploadedImages } from "./upload";

export interface FormOptions {
  /** Whether the form may hold a mask. */
  readonly hasMask: boolean;
  /** Names and values of all fields that are no pictures, together. */
  readonly maxFieldBytes: number;
  /** The value of a field, by its name and text. */
  fieldValue(name: string, text: string): unknown;
}

const MAX_FIELDS = 32;
const MAX_FILES = 18;
/** A name may fill a whole header, and comes back in an error. */
const MAX_SHOWN = 64;
const IMAGE_FIELDS = new Set(["image", "image[]"]);
/** Those that change nothing. @see https://www.rfc-editor.org/rfc/rfc7578#section-4.7 which has no use for any other */
const NO_ENCODING = new Set(["7bit", "8bit", "binary"]);

/**
 * Reads a form with pictures: what is a picture is told by the field's name, never by what the client calls its file or its type.
 *
 * @throws GatewayError `invalid_request`, `request_too_large`, `invalid_value`, `unsupported_parameter`; what the parts and the taking throw
 */
export async function readForm(
  parts: AsyncIterable<FormPart>,
  take: TakeImage,
  { hasMask, maxFieldBytes, fieldValue }: FormOptions,
): Promise<Upload> {
  // No prototype, so that a field called `__proto__` is one like any other.
  const body: Record<string, unknown> = Object.create(null);
  const images = new UploadedImages(take);
  let fields = 0;
  let files = 0;
  let fieldBytes = 0;
  for await (const { name, fileName, encoding, bytes } of parts) {
    if (name === undefined) throw new GatewayError("invalid_request", "A part of the form has no name.");
    const isMask = hasMask && name === "mask";
    const isImage = IMAGE_FIELDS.has(name);
    const param = isImage ? "image" : shortened(name, MAX_SHOWN);
    if (!NO_ENCODING.has(encoding)) throw encoded(param);
    if (isMask || isImage) {
      files += 1;
      if (files > MAX_FILES) throw tooMany("files", MAX_FILES);
      await images.add({ param, name: fileName ?? "", isMask, bytes });
      continue;
    }
    if (fileName !== undefined) {
      const remedy = `Send pictures in 'image' or 'image[]'${hasMask ? ", a mask in 'mask'" : ""}.`;
      throw new GatewayError("unsupported_parameter", `No file is taken in '${param}'. ${remedy}`, { param });
    }
    fields += 1;
    if (fields > MAX_FIELDS) throw tooMany("fields", MAX_FIELDS);
    if (Object.hasOwn(body, name)) {
      throw new GatewayError("invalid_value", `'${param}' was sent more than once.`, { param });
    }
    fieldBytes += Buffer.byteLength(name);
    const text = await collect(bytes, maxFieldBytes - fieldBytes);
    fieldBytes += text.length;
    body[name] = fieldValue(name, decode(text, param));
  }
  return { body, inputs: images.inputs, pictureField: "image" };
}

async function collect(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.byteLength;
    if (length > maxBytes)
      throw new GatewayError("request_too_large", "The fields of the form are too long.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decode(bytes: Buffer, param: string): string {
  const refused = (cause?: unknown) =>
    new GatewayError("invalid_value", `'${param}' is not text in UTF-8.`, { param, cause });
  // Every other byte of UTF-16 is one, for most of the world.
  if (bytes.includes(0)) throw refused();
  try {
    // Fatal: broken UTF-8 must not turn into other text. A byte order mark is a character like any other.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw refused(error);
  }
}

const encoded = (param: string): GatewayError =>
  new GatewayError(
    "invalid_value",
    `'${param}' has a 'Content-Transfer-Encoding'. Send its bytes as they are, without that header.`,
    { param },
  );

const tooMany = (what: string, most: number): GatewayError =>
  new GatewayError("request_too_large", `The form has more than ${most} ${what}.`);
