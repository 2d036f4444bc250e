import { makeUpload } from "../pictures";
import type { Shape } from "../shapes";

const PROMPT = "a lighthouse on a cliff in the evening, its lamp already lit";
const BOUNDARY = "a-picture-to-be-edited-4d1f";

/** What every contestant asks its callers for. */
export const TOKEN = "bench";

/** The bytes of a shape's request, head and body. */
export function requestOf(shape: Shape, port: number, headers: readonly string[]): Buffer {
  const { path, contentType, body } = shape.fields === undefined ? editOf(shape) : generationOf(shape);
  const lines = [
    `POST /v1/images/${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${TOKEN}`,
    `content-type: ${contentType}`,
    `content-length: ${body.length}`,
  ];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

function generationOf({ model, fields }: Shape) {
  const body = Buffer.from(JSON.stringify({ model, prompt: PROMPT, size: "1024x1024", ...fields }));
  return { path: "generations", contentType: "application/json", body };
}

function editOf({ model }: Shape) {
  const part = (name: string, more: string, value: Buffer | string) => [
    Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`),
    Buffer.from(value),
    Buffer.from("\r\n"),
  ];
  const body = Buffer.concat([
    ...part("model", "", model),
    ...part("prompt", "", PROMPT),
    ...part("response_format", "", "b64_json"),
    ...part("image", '; filename="lighthouse.png"\r\ncontent-type: image/png', makeUpload()),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
  return { path: "edits", contentType: `multipart/form-data; boundary=${BOUNDARY}`, body };
}
