import { getEventListeners } from "node:events";

import { Stop } from "../../lib/internal/stop";

const first = new Error("first");

it("is told once, to all who listen and to those who come later", () => {
  const stop = new Stop();
  const heard: unknown[] = [];
  stop.listen((reason) => heard.push(reason));
  const leave = stop.listen(() => heard.push("one that has left"));
  leave();
  expect([stop.isTold, stop.reason]).toEqual([false, undefined]);
  stop.tell(first);
  stop.tell(new Error("second"));
  stop.listen((reason) => heard.push(reason))();
  expect(heard).toEqual([first, first]);
  expect([stop.isTold, stop.reason]).toEqual([true, first]);
});

it("tells what a signal tells that it follows, until it does no more", () => {
  const [followed, left] = [new AbortController(), new AbortController()];
  const stop = new Stop();
  stop.follow(left.signal)();
  stop.follow(followed.signal);
  left.abort(new Error("left"));
  expect(stop.isTold).toBe(false);
  followed.abort(first);
  expect(stop.reason).toBe(first);
  expect(getEventListeners(left.signal, "abort")).toHaveLength(0);
  const late = new Stop();
  late.follow(followed.signal);
  expect(late.reason).toBe(first);
});
