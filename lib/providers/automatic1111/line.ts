/** Lets one call at a time through, in order of arrival. */
export interface Line {
  /**
   * Resolves when it is this call's turn, with what ends the turn.
   *
   * @param onPlace told the place in the line, from 1, whenever it changes
   * @throws the signal's reason
   */
  enter(signal: AbortSignal, onPlace: (place: number) => void): Promise<() => void>;
  /** Calls that wait for their turn. */
  waiting(): number;
  /** With the one whose turn it is. */
  length(): number;
}

interface Waiting {
  readonly onPlace: (place: number) => void;
  readonly go: () => void;
}

export function createLine(): Line {
  const line: Waiting[] = [];
  let isTaken = false;

  const tellPlaces = () => {
    for (const [index, { onPlace }] of line.entries()) onPlace(index + 1);
  };

  function turn(): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = line.shift();
      if (next === undefined) isTaken = false;
      next?.go();
      tellPlaces();
    };
  }

  return {
    waiting: () => line.length,
    length: () => line.length + (isTaken ? 1 : 0),
    async enter(signal, onPlace) {
      signal.throwIfAborted();
      if (!isTaken) {
        isTaken = true;
        return turn();
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          line.splice(line.indexOf(mine), 1);
          tellPlaces();
          reject(signal.reason);
        };
        const go = () => {
          signal.removeEventListener("abort", leave);
          resolve(turn());
        };
        const mine: Waiting = { onPlace, go };
        line.push(mine);
        signal.addEventListener("abort", leave, { once: true });
        onPlace(line.length);
      });
    },
  };
}
