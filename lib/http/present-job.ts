import { readKept } from "../core/pictures/kept";
import type { ImageStore, JobImage, JobRecord } from "../ports";
import { GatewayError } from "../ports";
import { type EmbeddedImage, imageJson, type JsonText } from "../wire/image-json";
import type { ImagesResponse } from "../wire/response";
import { toImagesResponse } from "../wire/response";
import type { SignLinks } from "./links";

export interface PresentOptions {
  readonly store: ImageStore;
  readonly signLinks: SignLinks;
}

/**
 * JSON around the answer of a completed job, with links or streamed base64, as the job's response format says.
 *
 * @param wrap what stands around the answer
 * @throws GatewayError `image_not_found` when the pictures are gone
 */
export async function presentJob(
  { store, signLinks }: PresentOptions,
  job: JobRecord,
  baseUrl: string,
  signal: AbortSignal,
  wrap: (response: ImagesResponse) => unknown,
): Promise<JsonText> {
  await requireImages(store, job.images);
  if (job.responseFormat === "url") {
    const links = await signLinks(job, baseUrl);
    return imageJson(() => wrap(toImagesResponse(job, (image) => links.get(image) ?? "")));
  }
  const embedded = (image: JobImage): EmbeddedImage => ({
    bytes: image.bytes,
    open: () => readKept(store, image, signal),
  });
  return imageJson((embed) => wrap(toImagesResponse(job, (image) => embed(embedded(image)))));
}

async function requireImages(store: ImageStore, images: readonly JobImage[]): Promise<void> {
  const found = await Promise.all(images.map(({ kept }) => kept && store.stat(kept.key)));
  if (found.every((image) => image !== undefined)) return;
  throw new GatewayError("image_not_found", "The pictures of this job are no longer kept.");
}
