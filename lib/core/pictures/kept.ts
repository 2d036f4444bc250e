import type { ImageStore, JobImage } from "../../ports";
import { GatewayError } from "../../ports";

/** Keys of those pictures of a job that lie in the store. */
export const keptKeys = (images: readonly JobImage[]): string[] =>
  images.flatMap(({ kept }) => (kept === undefined ? [] : [kept.key]));

/** The bytes of a job's picture. @throws GatewayError `image_not_found` when it is gone or was never kept; the signal's reason */
export const readKept = (
  store: ImageStore,
  { kept }: JobImage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> => readStored(store, kept?.key, signal);

/** @param key absent: nothing was kept. @throws GatewayError `image_not_found` when it is gone; the signal's reason */
export async function* readStored(
  store: ImageStore,
  key: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const found = key === undefined ? undefined : await store.read(key, { signal });
  if (found === undefined) throw new GatewayError("image_not_found", "The picture is no longer kept.");
  yield* found.body;
}
