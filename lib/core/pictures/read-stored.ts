import type { ImageStore } from "../../ports";
import { GatewayError } from "../../ports";

/** The bytes of a stored picture. @throws GatewayError `image_not_found` when it is gone; the signal's reason */
export async function* readStored(
  store: ImageStore,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const found = await store.read(key, { signal });
  if (found === undefined) throw new GatewayError("image_not_found", "The picture is no longer kept.");
  yield* found.body;
}
