import { MIB } from "../../internal/byte-sizes";
/**
 * What an image takes of memory while it is written, whatever its size: the least that the protocol takes as one part of several.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const PART_BYTES = 5 * MIB;

/** Memory for parts on their way, used again: new buffers of that size would come faster than the old ones are collected. */
export class PartBuffers {
  #idle: Uint8Array[] = [];

  take(): Uint8Array {
    // Neither pooled nor cleared: of what is never written to, the system gives no memory.
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
  }

  /** Not while anybody may still read it. */
  giveBack(buffer: Uint8Array): void {
    this.#idle.push(buffer);
  }

  /** Lets go of what nobody uses right now. */
  drop(): void {
    this.#idle = [];
  }
}
