export const [TAB, NEWLINE, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
export const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
export const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where a number or a literal ends, the length of the chunk when it does not end in that. */
export function scalarEnd(chunk: Uint8Array, start: number): number {
  let at = start;
  while (at < chunk.length && !endsScalar(chunk[at])) at += 1;
  return at;
}

function endsScalar(byte: number | undefined): boolean {
  switch (byte) {
    case SPACE:
    case NEWLINE:
    case RETURN:
    case TAB:
    case COMMA:
    case CLOSE_ARRAY:
    case CLOSE_OBJECT:
      return true;
    default:
      return false;
  }
}
