/** One piece of work in a group. */
export interface Membership {
  /** Aborts with the caller's signal or with the group. */
  readonly signal: AbortSignal;
  /** To be called once the work has ended and let go of all it held. */
  leave(): void;
}

/**
 * Pieces of work that end when their caller aborts or when the group closes, whichever comes first.
 * `AbortSignal.any` would do for the first half, but it does not tell when all have ended.
 */
export class AbortGroup {
  readonly #members = new Set<AbortController>();
  #closing: { readonly reason: Error } | undefined;
  #onEmpty: () => void = () => {};

  /** @throws the signal's reason when it has aborted, the closing reason when the group has closed */
  join(caller: AbortSignal): Membership {
    caller.throwIfAborted();
    if (this.#closing) throw this.#closing.reason;
    const controller = new AbortController();
    const follow = () => controller.abort(caller.reason);
    caller.addEventListener("abort", follow, { once: true });
    this.#members.add(controller);
    const leave = () => {
      caller.removeEventListener("abort", follow);
      this.#members.delete(controller);
      if (this.#members.size === 0) this.#onEmpty();
    };
    return { signal: controller.signal, leave };
  }

  /** Aborts every member with `reason` and resolves when the last has left. Once only. */
  close(reason: Error): Promise<void> {
    this.#closing = { reason };
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    if (this.#members.size === 0) this.#onEmpty();
    for (const member of this.#members) member.abort(reason);
    return emptied;
  }
}
