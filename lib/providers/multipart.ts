import { randomUUID } from "node:crypto";
import { defined } from "../internal/defined";

/** A file of a form; opened when its turn comes, anew each time the form is sent. */
export interface FormFile {
  readonly fileName: string;
  readonly type: string;
  /** Bytes, where known. */
  readonly length?: number | undefined;
  open(): AsyncIterable<Uint8Array>;
}

export type FormEntry = readonly [name: string, value: string | FormFile];

export interface Multipart {
  /** `content-type`, and `content-length` where that is known. */
  readonly headers: Readonly<Record<string, string>>;
  /** May be read again. */
  readonly body: AsyncIterable<Uint8Array>;
}

interface Part {
  readonly head: Buffer;
  /** Bytes; `undefined`: not known. */
  readonly length: number | undefined;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const LINE_END = Buffer.from("\r\n");

/**
 * A form as `multipart/form-data`, its entries in the given order. Files pass through and are never held.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 */
export function multipart(entries: readonly FormEntry[]): Multipart {
  const boundary = `form-${randomUUID()}`;
  const parts = entries.map(([name, value]) => partOf(boundary, name, value));
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const length = parts.reduce<number | undefined>(
    (sum, part) => plus(sum, plus(part.length, part.head.length + LINE_END.length)),
    tail.length,
  );
  return {
    headers: defined({
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": length === undefined ? undefined : String(length),
    }),
    body: { [Symbol.asyncIterator]: () => written(parts, tail) },
  };
}

const plus = (sum: number | undefined, more: number | undefined): number | undefined =>
  sum === undefined || more === undefined ? undefined : sum + more;

async function* written(parts: readonly Part[], tail: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (const { head, open } of parts) {
    yield head;
    yield* open();
    yield LINE_END;
  }
  yield tail;
}

function partOf(boundary: string, name: string, value: string | FormFile): Part {
  const start = `--${boundary}\r\ncontent-disposition: form-data; name="${quotable(name)}"`;
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return { head: Buffer.from(`${start}\r\n\r\n`), length: bytes.length, open: () => [bytes] };
  }
  const { fileName, type, length, open } = value;
  const about = `; filename="${quotable(fileName)}"\r\ncontent-type: ${plainType(type)}\r\n\r\n`;
  return { head: Buffer.from(start + about), length, open: () => open() };
}

/** As browsers write what would end the quotes, or the line. */
const quotable = (text: string): string => text.replace(/["\r\n]/g, encodeURIComponent);

/** What is no media type could end the line, too. */
const plainType = (type: string): string =>
  /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : "application/octet-stream";
