import { once } from "node:events";
import type { Readable } from "node:stream";
import { Busboy, type BusboyInstance } from "@fastify/busboy";
import { KIB } from "../../internal/byte-sizes";

import { createLine, type Line } from "../../internal/line";
import { untilAborted } from "../../internal/until-aborted";
import { GatewayError } from "../../ports";

/** One part of a form. */
export interface FormPart {
  /** Absent where the part does not tell. */
  readonly name: string | undefined;
  /** Absent for what was no file to the client. */
  readonly fileName: string | undefined;
  /**
   * Its `Content-Transfer-Encoding` in lower case, which nothing has undone; `7bit` where the part does not tell. A `charset` is not there to
   * be told: the parser keeps it to itself.
   */
  readonly encoding: string;
  /** To be read to its end before the next part is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Those that are passed over included: they cost time all the same. */
const MAX_PARTS = 64;
const MAX_HEADER_PAIRS = 32;
const MAX_HEADER_BYTES = 16 * KIB;
/**
 * The parser is fed so much at a time, and waits for readers of a part only when it holds more: for a part that is passed over, and so has
 * none, it would wait for ever.
 */
const PIECE_BYTES = 64 * KIB;

/**
 * The parts of a multipart body, one after the other as they come, under back-pressure: no more is read ahead than one chunk. What is no
 * `form-data` is passed over.
 *
 * @throws GatewayError `invalid_request` when it is no form or breaks off, `request_too_large` for too many parts; what the source throws
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export async function* formParts(
  source: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<FormPart> {
  const form = openForm(contentType);
  const line = createLine<FormPart>();
  const left = new AbortController();
  let failure: { readonly of: unknown } | undefined;
  /** What broke the source is the cause of all that it broke. */
  const explained = (error: unknown) => asRefusal(failure === undefined ? error : failure.of);

  async function* reading(bytes: Readable): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      throw explained(error);
    }
  }
  form.on("file", (name: string | undefined, bytes: Readable, fileName: string | undefined, header) => {
    // It may break off before anybody reads it; nobody is to hear of that but the reader.
    bytes.on("error", () => {});
    // The parser leaves the spaces behind it.
    line.put({ name, fileName, encoding: header.trim(), bytes: reading(bytes) });
  });
  form.once("partsLimit", () => line.end(tooManyParts()));
  form.once("finish", () => line.end());
  form.on("error", (error) => line.end(error));

  const feeding = feed(form, line, untilAborted(source, left.signal), left.signal).catch((error: unknown) => {
    failure = { of: error };
    // So that whoever reads a part hears that no more of it will come.
    form.end();
  });
  try {
    for (let part = await line.take(); part !== undefined; part = await line.take()) yield part;
    await feeding;
    if (failure !== undefined) throw failure.of;
  } catch (error) {
    throw explained(error);
  } finally {
    line.leave();
    left.abort();
  }
}

/** All parts are files to the parser: so they come as bytes, at the reader's pace, and what is text is decided by who knows the fields. */
function openForm(contentType: string): BusboyInstance {
  try {
    // To the parser an empty boundary is one like any other.
    if (/;\s*boundary\s*=\s*"?[^\s";]/i.test(contentType)) {
      return new Busboy({
        headers: { "content-type": contentType },
        isPartAFile: () => true,
        preservePath: true,
        fileHwm: PIECE_BYTES + 1,
        limits: { parts: MAX_PARTS, headerPairs: MAX_HEADER_PAIRS, headerSize: MAX_HEADER_BYTES },
      });
    }
  } catch {
    // It knows better what a parameter is, and has found none.
  }
  throw new GatewayError("invalid_request", "The form names no boundary in its 'Content-Type'.");
}

async function feed(
  form: BusboyInstance,
  line: Line<FormPart>,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      await nextTick();
      if (!form.write(chunk.subarray(at, at + PIECE_BYTES))) await once(form, "drain", { signal });
      await line.emptied();
    }
  }
  form.end();
}

/** What was put off until now has been done: the parser empties a part that is passed over no earlier. */
const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const asRefusal = (error: unknown): GatewayError =>
  GatewayError.is(error)
    ? error
    : new GatewayError("invalid_request", "The form is not a whole multipart body.", { cause: error });

const tooManyParts = (): GatewayError =>
  new GatewayError("request_too_large", `The form has more than ${MAX_PARTS} parts.`);
