import type { StoredImage } from "../ports";

/** An image that nobody sees yet. One of `commit` and `discard` ends it; `discard` may follow a failed `commit`. */
export interface Draft {
  append(chunk: Uint8Array): Promise<void>;
  /** From now on it can be read, whole. */
  commit(image: StoredImage, about: { readonly owner: string; readonly hold: string }): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Where a store's bytes lie. It knows nothing of limits; who writes what and when is decided above it.
 * Everything that the medium refuses while an image is written is a `StoreFullError`.
 */
export interface Medium {
  draft(): Promise<Draft>;
  /** Unknown keys are passed over. */
  remove(keys: readonly string[]): Promise<void>;
  /** Shows a reservation to the other processes on the same storage. */
  hold?(id: string): Promise<void>;
  unhold?(id: string): Promise<void>;
  /** Brings the ledger up to date with what other processes did. */
  refresh?(): Promise<void>;
}
