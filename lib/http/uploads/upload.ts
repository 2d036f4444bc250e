import type { IncomingImage } from "../../core/pictures/input-hold";
import type { RequestImage, RequestInputs } from "../../ports";
import { GatewayError } from "../../ports";
import type { Given } from "../../wire/request";

const MAX_IMAGES = 16;

/** A request with pictures, read: they lie in the store by now. */
export interface Upload extends Given {
  /** Everything else, for the schema to check. */
  readonly body: unknown;
}

/** Where pictures go while they are read, one at a time. */
export type TakeImage = (image: IncomingImage) => Promise<RequestImage>;

/** Collects the pictures of one request. */
export class UploadedImages {
  readonly #take: TakeImage;
  readonly #images: RequestImage[] = [];
  #mask: RequestImage | undefined;

  constructor(take: TakeImage) {
    this.#take = take;
  }

  /** @throws GatewayError `request_too_large` for more than 16, `invalid_value` for a second mask; what the taking throws */
  async add(image: IncomingImage): Promise<void> {
    const { param, isMask } = image;
    if (isMask && this.#mask !== undefined) {
      throw new GatewayError("invalid_value", "There is more than one mask.", { param });
    }
    if (!isMask && this.#images.length === MAX_IMAGES) {
      throw new GatewayError("request_too_large", `There are more than ${MAX_IMAGES} pictures.`, { param });
    }
    const taken = await this.#take(image);
    if (isMask) this.#mask = taken;
    else this.#images.push(taken);
  }

  get inputs(): RequestInputs {
    return { images: this.#images, ...(this.#mask && { mask: this.#mask }) };
  }
}
