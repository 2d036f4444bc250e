/** One part of a form as it goes over the wire; headers are written as they are. */
export interface RawPart {
  readonly name?: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly content: string | Uint8Array;
  /** Instead of what the members above say. */
  readonly headers?: readonly string[];
}

export const BOUNDARY = "----formdata-test-0123456789";

export const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** A whole multipart body, byte for byte. */
export function formBody(parts: readonly RawPart[], boundary = BOUNDARY): Buffer {
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${headersOf(part).join("\r\n")}\r\n\r\n`),
    Buffer.from(part.content),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

function headersOf({ name, fileName, type, headers }: RawPart): readonly string[] {
  if (headers !== undefined) return headers;
  const names = [
    name === undefined ? "" : `; name="${name}"`,
    fileName === undefined ? "" : `; filename="${fileName}"`,
  ];
  return [
    `Content-Disposition: form-data${names.join("")}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
  ];
}

export const field = (name: string, content: string): RawPart => ({ name, content });

export const file = (name: string, content: Uint8Array, fileName = "blob"): RawPart => ({
  name,
  fileName,
  type: "application/octet-stream",
  content,
});
