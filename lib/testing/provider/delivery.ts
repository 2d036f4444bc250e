import { decodeBase64 } from "../../internal/base64";
import { MIB } from "../../internal/byte-sizes";
import type { HttpClient, ImageOut, Meta, RunResult } from "../../ports";

const MAX_PICTURE_BYTES = 256 * MIB;

/** One picture that a provider has delivered. */
export interface Picture {
  readonly out: ImageOut;
  /** As they were handed out. */
  readonly pieces: readonly Uint8Array[];
  /** What the pieces held when they came. */
  readonly copies: readonly Uint8Array[];
  /** The picture itself. */
  readonly bytes: Uint8Array;
}

export interface Delivery {
  readonly pictures: readonly Picture[];
  readonly meta: Meta;
}

/** Takes everything that a call delivers, in order, as the gateway does. */
export async function collected(
  result: RunResult,
  tools: { readonly http: HttpClient; readonly signal: AbortSignal; onData(): void; onDataEnd(): void },
): Promise<Delivery> {
  const pictures: Picture[] = [];
  for await (const out of result.images) {
    tools.onData();
    pictures.push(await opened(out, tools));
    tools.onDataEnd();
  }
  return { pictures, meta: result.meta() };
}

async function opened(
  out: ImageOut,
  { http, signal }: { readonly http: HttpClient; readonly signal: AbortSignal },
): Promise<Picture> {
  const pieces: Uint8Array[] = [];
  const copies: Uint8Array[] = [];
  for await (const piece of await sourceOf(out, http, signal)) {
    pieces.push(piece);
    copies.push(Uint8Array.from(piece));
  }
  const isText = out.data.as === "base64" || (out.data.as === "url" && out.data.url.startsWith("data:"));
  return { out, pieces, copies, bytes: await joined(isText ? decodeBase64(each(copies)) : each(copies)) };
}

async function sourceOf(
  { data }: ImageOut,
  http: HttpClient,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (data.as !== "url") return data.open();
  if (data.url.startsWith("data:")) return each([Buffer.from(data.url, "latin1")]);
  const request = { method: "GET", url: data.url, signal, maxBytes: MAX_PICTURE_BYTES } as const;
  return (await http.request(request)).body;
}

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function joined(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
