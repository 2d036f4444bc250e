import { listMember, member } from "../../internal/json-shape";
import { type JsonError, type JsonPath, JsonSieve } from "../../internal/json-sieve";
import { GatewayError } from "../../ports";
import { checkShape } from "../json-shape";
import { type FetchOptions, referencedImage } from "./referenced-image";
import { type TakeImage, type Upload, UploadedImages } from "./upload";

const PICTURES = [
  ["images", null, "image_url"],
  ["mask", "image_url"],
] as const;

/**
 * Reads JSON in which pictures are named by their address, as it comes: `{images: [{image_url}], mask: {image_url}, …}`.
 *
 * @param maxRestBytes of all that is no picture
 * @throws GatewayError `invalid_json`, `request_too_large`; what the taking and the fetching throw
 */
export async function readReferences(
  source: AsyncIterable<Uint8Array>,
  maxRestBytes: number,
  take: TakeImage,
  options: FetchOptions,
): Promise<Upload> {
  const images = new UploadedImages(take);
  let body: unknown;
  const finds = new JsonSieve(source, {
    strings: PICTURES,
    maxBytes: maxRestBytes,
    isUtf8Required: true,
    explain,
  });
  for await (const found of finds) {
    if (found.kind === "value") body = found.value;
    else await addReferenced(images, found.path, found.read(), options);
  }
  checkShape(body);
  return { body, inputs: images.inputs, pictureField: "images" };
}

/** The same for JSON that the host has parsed. */
export async function readParsedReferences(
  body: unknown,
  take: TakeImage,
  options: FetchOptions,
): Promise<Upload> {
  checkShape(body);
  const images = new UploadedImages(take);
  const found: [path: JsonPath, reference: unknown][] = [
    ...listMember(body, "images").map((image, at): [JsonPath, unknown] => [["images", at], image]),
    [["mask"], member(body, "mask")],
  ];
  for (const [path, reference] of found) {
    const address = member(reference, "image_url");
    if (typeof address === "string") {
      await addReferenced(images, [...path, "image_url"], inOnePiece(address), options);
    }
  }
  return { body, inputs: images.inputs, pictureField: "images" };
}

function addReferenced(
  images: UploadedImages,
  path: JsonPath,
  address: AsyncIterableIterator<Uint8Array>,
  options: FetchOptions,
): Promise<void> {
  const param = path.join(".");
  const bytes = referencedImage(address, param, options);
  return images.add({ param, name: "", isMask: path[0] === "mask", bytes });
}

async function* inOnePiece(text: string): AsyncGenerator<Uint8Array, undefined> {
  yield Buffer.from(text);
}

function explain(error: JsonError): GatewayError {
  if (error.problem === "too_large") {
    return new GatewayError("request_too_large", "The request body without its pictures is too large.", {
      cause: error,
    });
  }
  return new GatewayError("invalid_json", "The request body is not valid JSON in UTF-8.", { cause: error });
}
