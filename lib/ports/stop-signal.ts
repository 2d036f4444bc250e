/**
 * What is asked of a signal where nothing else is needed of it. Every AbortSignal is one; the other way round, whoever needs an AbortSignal (for
 * `fetch`, or `AbortSignal.any`) makes one that follows it. Listeners are functions, are given no event, and must not throw.
 */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** @throws the reason */
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
