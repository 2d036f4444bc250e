import type { StoredImage } from "../ports";

/** An image of which only the number of bytes is open. */
export type SettledImage = Omit<StoredImage, "bytes">;

/** What a draft begins with; most media need none of it. */
export interface DraftOptions {
  /** Key and times are made when first asked for, at the latest for `commit`: a medium that names an image while it comes asks earlier. */
  settle(): SettledImage;
  readonly owner: string;
  /** Aborts when nobody wants the image any more; what the medium waits for may then end. */
  readonly signal: AbortSignal;
}

/** An image that nobody sees yet. One of `commit` and `discard` ends it; `discard` may follow a failed `commit`. */
export interface Draft {
  /** Takes the chunk over: its bytes may be used again once that has resolved. `undefined`: it is done. */
  append(chunk: Uint8Array): Promise<void> | undefined;
  /** From now on it can be read, whole. */
  commit(image: StoredImage, about: { readonly owner: string; readonly hold: string }): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Where a store's bytes lie. It knows nothing of limits; who writes what and when is decided above it.
 * Everything that the medium refuses while an image is written is a `StoreFullError`.
 */
export interface Medium {
  draft(options: DraftOptions): Promise<Draft>;
  /** Unknown keys are passed over. */
  remove(keys: readonly string[]): Promise<void>;
  /** Shows a reservation to the other processes on the same storage. */
  hold?(id: string): Promise<void>;
  unhold?(id: string): Promise<void>;
  /** Brings the ledger up to date with what other processes did. */
  refresh?(): Promise<void>;
}
