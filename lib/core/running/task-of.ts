import { type Stopping, signalOf } from "../../internal/stop";
import type {
  ImageRequest,
  ImageStore,
  ImageTask,
  InputImage,
  RequestImage,
  RequestInputs,
  TaskFields,
} from "../../ports";
import { GatewayError } from "../../ports";
import { readStored } from "../pictures/kept";

/**
 * The task of one call. The pictures that its request brought are read from the store, anew each time they are opened.
 *
 * @param signal ends whoever still reads them
 */
export function taskOf(
  { op, inputs }: ImageRequest,
  fields: TaskFields,
  store: ImageStore,
  signal: Stopping,
): ImageTask {
  if (op === "generate" || inputs === undefined) return { op: "generate", ...fields };
  const opened = ({ key, name, type, bytes }: RequestImage): InputImage => ({
    name,
    type,
    length: bytes,
    open: () => readStored(store, key, signalOf(signal)),
  });
  const images = inputs.images.map(opened);
  if (op === "edit") return { op, ...fields, images, ...(inputs.mask && { mask: opened(inputs.mask) }) };
  const { prompt: _none, ...more } = fields;
  return { op, ...more, images };
}

/**
 * Makes sure before anything is paid for that the pictures are there: the store may have been emptied, or its time to live be shorter than
 * the queue was long.
 *
 * @throws GatewayError `storage_unavailable`
 */
export async function requireInputs(store: ImageStore, inputs: RequestInputs | undefined): Promise<void> {
  if (inputs === undefined) return;
  const all = [...inputs.images, ...(inputs.mask ? [inputs.mask] : [])];
  const found = await Promise.all(all.map(({ key }) => store.stat(key)));
  if (found.every((image) => image !== undefined)) return;
  throw new GatewayError(
    "storage_unavailable",
    "The pictures of the request are no longer kept. Send it again.",
  );
}
