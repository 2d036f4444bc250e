/** What is asked of an AbortSignal within the package. A {@link Stop} will do as well. */
export type Stopping = Pick<
  Stop,
  "aborted" | "reason" | "throwIfAborted" | "addEventListener" | "removeEventListener"
>;

/**
 * An AbortController and its signal in one, for those within the package. Making a signal, asking and leaving it take longer than all else that a
 * small request needs: whoever needs a real one is given it.
 */
export class Stop {
  #stopped: { readonly reason: unknown } | undefined;
  /** Most have one at a time. */
  #first: (() => void) | undefined;
  #others: Set<() => void> | undefined;
  #controller: AbortController | undefined;

  get aborted(): boolean {
    return this.#stopped !== undefined;
  }

  get reason(): unknown {
    return this.#stopped?.reason;
  }

  /** For those outside; made when it is first asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stopped !== undefined) this.#controller.abort(this.#stopped.reason);
    }
    return this.#controller.signal;
  }

  /** @throws the reason */
  throwIfAborted(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { reason };
    this.#controller?.abort(reason);
    const first = this.#first;
    this.#first = undefined;
    first?.();
    // Who leaves meanwhile is not told any more.
    for (const listener of this.#others ?? []) listener();
    this.#others = undefined;
  }

  /** Each is called once, and not when it comes too late. */
  addEventListener(_type: "abort", listener: () => void, _options?: { readonly once: true }): void {
    if (this.#stopped !== undefined || this.#first === listener) return;
    if (this.#first === undefined && this.#others === undefined) {
      this.#first = listener;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    if (this.#first === listener) this.#first = undefined;
    else if (this.#others?.delete(listener) && this.#others.size === 0) this.#others = undefined;
  }

  /** Stops with another one. @returns stops following it */
  follow(other: Stopping): () => void {
    const onAbort = () => this.abort(other.reason);
    if (other.aborted) onAbort();
    else other.addEventListener("abort", onAbort, { once: true });
    return () => other.removeEventListener("abort", onAbort);
  }
}

/** A real one, for those outside. */
export function signalOf(stopping: Stopping): AbortSignal {
  if (stopping instanceof AbortSignal) return stopping;
  if (stopping instanceof Stop) return stopping.signal;
  const stop = new Stop();
  stop.follow(stopping);
  return stop.signal;
}
