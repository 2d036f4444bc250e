import { inNextTurn } from "./in-next-turn";

/** So many at most go on together: with more, their data would push each other out of the processor's cache. */
const MOST = 32;
/** Turns of the event loop in which others are waited for. */
const MOST_TURNS = 4;

/**
 * Those that arrive at about the same time go on together: each step of all of them before the next step of any.
 *
 * A small request goes through some nine hundred functions, and to most of them it takes longer to fetch their code into the processor's cache than to run
 * it. Of requests that go one behind the other each one fetches it anew; side by side, the first one does for all. Promises keep them side by side
 * until they wait for something from outside.
 *
 * No clock is waited for: they go when a whole turn of the event loop has brought nobody new.
 */
export class Cohort {
  readonly #waiting: (() => void)[] = [];

  /**
   * @param go does not throw. It is called in the async context of whoever came first: one that goes on in its own resolves a promise by it.
   */
  join(go: () => void): void {
    if (this.#waiting.push(go) === 1) this.#gather(0, 1);
  }

  /** @param before how many were there when this turn began */
  #gather(before: number, turn: number): void {
    inNextTurn(() => {
      const now = this.#waiting.length;
      if (now > before && now < MOST && turn < MOST_TURNS) this.#gather(now, turn + 1);
      else this.#go();
    });
  }

  #go(): void {
    const cohort = this.#waiting.splice(0, MOST);
    if (this.#waiting.length > 0) this.#gather(0, 1);
    for (const go of cohort) go();
  }
}
