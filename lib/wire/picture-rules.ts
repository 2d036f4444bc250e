import type { RequestInputs } from "../ports";
import { GatewayError } from "../ports";
import type { ImageReference } from "./edit-schema";

/**
 * A picture in JSON is named by its address alone.
 *
 * @param param where it stands in the body
 * @throws GatewayError `unsupported_parameter`, `unknown_parameter`, `missing_required_parameter`
 */
export function checkReference(param: string, reference: ImageReference): void {
  if (Object.hasOwn(reference, "file_id")) {
    throw new GatewayError(
      "unsupported_parameter",
      "File ids are not supported. Send the picture in 'image_url'.",
      { param: `${param}.file_id` },
    );
  }
  // The names of others are not repeated: they may be as long as a body.
  if (Object.keys(reference).some((name) => name !== "image_url")) {
    throw new GatewayError("unknown_parameter", `'${param}' takes 'image_url' and nothing else.`, { param });
  }
  if (reference.image_url === undefined) {
    const missing = `${param}.image_url`;
    throw new GatewayError("missing_required_parameter", `Missing required parameter: '${missing}'.`, {
      param: missing,
    });
  }
}

/**
 * A mask says of each point of the first picture whether it is to change.
 *
 * @throws GatewayError `invalid_value`
 */
export function checkMask({ images: [first], mask }: RequestInputs): void {
  if (first === undefined || mask === undefined) return;
  if (mask.width === first.width && mask.height === first.height) return;
  const [its, wanted] = [mask, first].map(({ width, height }) => `${width}x${height}`);
  throw new GatewayError("invalid_value", `Invalid 'mask': it is ${its}, the first picture is ${wanted}.`, {
    param: "mask",
  });
}
