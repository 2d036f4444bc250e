import type { IncomingImage } from "../../../lib/core/pictures/input-hold";
import type { TakeImage } from "../../../lib/http/uploads/upload";
import { GatewayError } from "../../../lib/ports";

/** A picture as it was taken in. */
export interface Taken extends Pick<IncomingImage, "param" | "name" | "isMask"> {
  readonly content: Buffer;
}

/** Takes in whatever comes, and remembers it. */
export function taking(): { readonly taken: Taken[]; readonly take: TakeImage } {
  const taken: Taken[] = [];
  return {
    taken,
    async take({ param, name, isMask, bytes }) {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(Uint8Array.from(piece));
      const content = Buffer.concat(pieces);
      taken.push({ param, name, isMask, content });
      return {
        key: String(taken.length).padStart(32, "k"),
        name,
        type: "image/png",
        bytes: content.length,
        width: 8,
        height: 8,
        digest: "0".repeat(64),
      };
    },
  };
}

/** Status, code and param of what is refused. */
export async function refusal(work: Promise<unknown>): Promise<readonly unknown[]> {
  try {
    await work;
  } catch (error) {
    if (!GatewayError.is(error)) throw error;
    return [error.status, error.code, error.param];
  }
  throw new Error("nothing was refused");
}
