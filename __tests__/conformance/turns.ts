/**
 * Has timers count turns of the event loop in place of milliseconds, until the returned function is called. Where nothing but the event loop is
 * waited for, what is late then does not depend on how quick the machine is, and waiting for what never comes takes a moment.
 */
export function countTurns(): () => void {
  jest.useFakeTimers({
    doNotFake: [
      "Date",
      "hrtime",
      "nextTick",
      "performance",
      "queueMicrotask",
      "setImmediate",
      "clearImmediate",
      "setInterval",
      "clearInterval",
    ],
  });
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    jest.advanceTimersByTime(1);
    setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
    jest.useRealTimers();
  };
}
