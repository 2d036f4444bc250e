import { MIB } from "../../../internal/byte-sizes";
import { untilAborted } from "../../../internal/until-aborted";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask, InputImage } from "../../../ports/task";
import type { ImageModelFile } from "../model/image-model";

/** The pictures that go with a call, whole: the AI SDK knows no streams. */
export interface Inputs {
  readonly files: readonly ImageModelFile[] | undefined;
  readonly mask: ImageModelFile | undefined;
}

/** Of all pictures of a call together, in bytes. */
const MAX_BYTES = 100 * MIB;

/** @throws ProviderError `invalid_request` when they are more than memory is given for */
export async function readInputs(task: ImageTask, signal: AbortSignal): Promise<Inputs> {
  if (task.op === "generate") return { files: undefined, mask: undefined };
  let left = MAX_BYTES;
  const read = async (image: InputImage): Promise<ImageModelFile> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of untilAborted(image.open(), signal)) {
      left -= piece.byteLength;
      if (left < 0) throw tooLarge();
      pieces.push(piece);
    }
    return { type: "file", mediaType: image.type, data: Buffer.concat(pieces) };
  };
  const files: ImageModelFile[] = [];
  for (const image of task.images) files.push(await read(image));
  const mask = task.op === "edit" && task.mask !== undefined ? await read(task.mask) : undefined;
  return { files, mask };
}

const tooLarge = () =>
  new ProviderError("invalid_request", "The pictures are too large for this model.", {
    param: "image",
    started: "no",
  });
