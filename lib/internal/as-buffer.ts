/** The same bytes as a Buffer: a view of its own, for what is none, costs as much as looking at most pieces. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
