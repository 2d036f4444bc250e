/** No bytes. */
export const NOTHING: Buffer = Buffer.alloc(0);
