import { defined } from "../../../internal/defined";
import { parsed, textMember } from "../../../internal/json-shape";

/** A picture that came over the socket. */
export interface Frame {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Absent in the older layout, whose pictures belong to the run that is under way. */
  readonly promptId?: string;
  readonly nodeId?: string;
}

const PREVIEW_IMAGE = 1;
const PREVIEW_IMAGE_WITH_METADATA = 4;
const TYPES = new Map([
  [1, "image/jpeg"],
  [2, "image/png"],
]);

/**
 * Takes a binary message apart; `undefined` for what is no picture, is cut short or is of a kind not known.
 *
 * @see ComfyUI protocol.py `BinaryEventTypes`, server.py `send_image`, `send_image_with_metadata`: big-endian
 */
export function readFrame(message: Buffer): Frame | undefined {
  if (message.length < 8) return undefined;
  const event = message.readUInt32BE(0);
  const second = message.readUInt32BE(4);
  if (event === PREVIEW_IMAGE) {
    const type = TYPES.get(second);
    return type === undefined ? undefined : { type, bytes: message.subarray(8) };
  }
  return event === PREVIEW_IMAGE_WITH_METADATA ? withMetadata(message, second) : undefined;
}

function withMetadata(message: Buffer, length: number): Frame | undefined {
  if (length > message.length - 8) return undefined;
  const metadata = parsed(message.toString("utf8", 8, 8 + length));
  const promptId = textMember(metadata, "prompt_id");
  const type = textMember(metadata, "image_type");
  if (promptId === undefined || type === undefined) return undefined;
  const nodeId = textMember(metadata, "display_node_id") ?? textMember(metadata, "node_id");
  return defined({ type, bytes: message.subarray(8 + length), promptId, nodeId });
}
