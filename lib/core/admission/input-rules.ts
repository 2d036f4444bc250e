import type { ImageRequest, ModelCard } from "../../ports";
import { GatewayError } from "../../ports";

/**
 * Holds the pictures of a request against what the card says of the model.
 *
 * @throws GatewayError `unsupported_parameter`, `invalid_value`
 */
export function checkInputs({ limits, params }: ModelCard, { inputs }: ImageRequest): void {
  if (inputs === undefined) return;
  const { images, mask } = inputs;
  if (mask !== undefined && params?.mask === false) {
    throw new GatewayError("unsupported_parameter", "This model takes no mask.", { param: "mask" });
  }
  const { inputImages = Number.POSITIVE_INFINITY, inputBytes = Number.POSITIVE_INFINITY } = limits ?? {};
  if (images.length > inputImages) {
    const most = inputImages === 1 ? "one picture" : `${inputImages} pictures`;
    throw new GatewayError("invalid_value", `This model takes ${most} in 'image', not ${images.length}.`, {
      param: "image",
    });
  }
  const all = [
    ...images.map((image) => ["image", image] as const),
    ...(mask === undefined ? [] : [["mask", mask] as const]),
  ];
  for (const [param, { bytes }] of all) {
    if (bytes <= inputBytes) continue;
    const message = `A picture in '${param}' has ${bytes} bytes; this model takes at most ${inputBytes}.`;
    throw new GatewayError("invalid_value", message, { param });
  }
}
