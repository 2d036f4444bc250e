import { withoutByteOrderMark } from "../../internal/byte-order-mark";
import { Flow } from "../../internal/flow";
import { textInPieces } from "../../internal/in-pieces";
import { listMember, member } from "../../internal/json-shape";
import { type JsonError, type JsonPath, JsonSieve, MAX_DEPTH } from "../../internal/json-sieve";
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
 * @throws GatewayError `invalid_json`, `request_too_large`, `invalid_value` for a place of pictures that is there twice; what the taking and the fetching throw
 */
export async function readReferences(
  source: AsyncIterable<Uint8Array>,
  maxRestBytes: number,
  take: TakeImage,
  options: FetchOptions,
): Promise<Upload> {
  const images = new UploadedImages(take);
  let body: unknown;
  const finds = new JsonSieve(Flow.from(source).through(withoutByteOrderMark()), {
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
      await addReferenced(images, [...path, "image_url"], textInPieces(address), options);
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

/** In the words in which JSON without pictures is refused, where that is refused too. */
function explain(error: JsonError): GatewayError {
  const { problem, place: param } = error;
  switch (problem) {
    case "too_large": {
      const message = "The request body without its pictures is too large.";
      return new GatewayError("request_too_large", message, { cause: error });
    }
    case "too_deep": {
      const message = `The JSON is nested deeper than ${MAX_DEPTH} levels.`;
      return new GatewayError("invalid_json", message, { cause: error });
    }
    case "repeated_key":
      return new GatewayError("invalid_value", `'${param}' was sent more than once.`, {
        param,
        cause: error,
      });
    default:
      return new GatewayError("invalid_json", "The request body is not valid JSON in UTF-8.", {
        cause: error,
      });
  }
}
