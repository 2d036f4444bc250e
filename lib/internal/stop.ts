type Listener = (reason: unknown) => void;

/**
 * The word to stop, told once; who listens later hears it at once. What an AbortSignal is to those outside, whose making, asking and leaving take
 * longer than all else that a small call needs.
 */
export class Stop {
  #told: { readonly reason: unknown } | undefined;
  #listeners: Set<Listener> | undefined;

  get isTold(): boolean {
    return this.#told !== undefined;
  }

  get reason(): unknown {
    return this.#told?.reason;
  }

  /** The first reason counts. */
  tell(reason: unknown): void {
    if (this.#told !== undefined) return;
    this.#told = { reason };
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener(reason);
  }

  /** @returns stops listening */
  listen(listener: Listener): () => void {
    if (this.#told !== undefined) {
      listener(this.#told.reason);
      return () => {};
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => {
      this.#listeners?.delete(listener);
    };
  }

  /** Tells what the signal tells. @returns stops following it */
  follow(signal: AbortSignal): () => void {
    const onAbort = () => this.tell(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  }
}
