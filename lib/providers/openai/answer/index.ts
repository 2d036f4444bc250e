import { withoutByteOrderMark } from "../../../internal/byte-order-mark";
import { Flow } from "../../../internal/flow";
import type { HttpResponse } from "../../../ports/http-client";
import type { Meta, RunResult } from "../../../ports/provider";
import { type Asked, metaOf } from "./meta";
import { readPictures } from "./pictures";
import { readPictureEvents } from "./stream";
import { unreadable } from "./withheld";

export type { Asked } from "./meta";

export interface Reading extends Asked {
  /** What it means that reading a success has failed. */
  faultOf(error: unknown): Error;
  /** What an error means that comes in a success, by the text that reports it. */
  failureOf(text: string): Error;
}

/**
 * Reads a success as it comes: bytes in, pictures out, one after the other, none of them held. Reading the pictures rejects with
 * ProviderError: `content_policy` when all of them were withheld, `protocol` when there are none for another reason.
 */
export async function readAnswer({ headers, body }: HttpResponse, reading: Reading): Promise<RunResult> {
  const type = headers["content-type"];
  let told: Meta | undefined;
  const tell = (meta: Meta) => {
    told = meta;
  };
  const meta = () => told ?? metaOf(undefined, reading, reading.n);
  const pieces = Flow.from(body).through({ broken: reading.faultOf }).through(withoutByteOrderMark());
  if (/^text\/event-stream\b/i.test(type ?? "")) {
    return { images: readPictureEvents(pieces, reading, tell, reading.failureOf), meta };
  }
  if (!mayBeJson(type)) {
    await body[Symbol.asyncIterator]().return?.();
    throw unreadable();
  }
  return { images: readPictures(pieces, reading, tell, reading.failureOf), meta };
}

/** Plain text and bytes are let through: a careless server's picture has been paid for all the same. */
const mayBeJson = (type: string | undefined): boolean =>
  type === undefined ||
  /^(?:(?:application|text)\/(?:[\w.+-]+\+)?json|text\/plain|application\/octet-stream)\s*(?:;|$)/i.test(
    type,
  );
