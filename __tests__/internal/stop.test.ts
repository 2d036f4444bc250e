import { getEventListeners } from "node:events";

import { Stop, type Stopping, signalOf } from "../../lib/internal/stop";

const first = new Error("first");

it("stops once, and tells all who listen", () => {
  const stop = new Stop();
  const heard: unknown[] = [];
  const left = () => heard.push("one that has left");
  stop.addEventListener("abort", () => heard.push(stop.reason));
  stop.addEventListener("abort", left);
  stop.removeEventListener("abort", left);
  stop.throwIfAborted();
  expect([stop.aborted, stop.reason]).toEqual([false, undefined]);
  stop.abort(first);
  stop.abort(new Error("second"));
  stop.addEventListener("abort", () => heard.push("too late"));
  expect(heard).toEqual([first]);
  expect([stop.aborted, stop.reason]).toEqual([true, first]);
  expect(() => stop.throwIfAborted()).toThrow(first);
});

it("tells nobody who has left while it told the others", () => {
  const stop = new Stop();
  const heard: string[] = [];
  const second = () => heard.push("second");
  stop.addEventListener("abort", () => stop.removeEventListener("abort", second));
  stop.addEventListener("abort", second);
  stop.addEventListener("abort", () => heard.push("third"));
  stop.abort(first);
  expect(heard).toEqual(["third"]);
});

it("has a signal for those outside, whenever they ask for it", () => {
  const stop = new Stop();
  const { signal } = stop;
  expect(stop.signal).toBe(signal);
  expect(signal.aborted).toBe(false);
  stop.abort(first);
  expect(signal.reason).toBe(first);
  const late = new Stop();
  late.abort(first);
  expect(late.signal.reason).toBe(first);
});

it("stops with a signal that it follows, or with another of its kind, until it does no more", () => {
  const [followed, left, other] = [new AbortController(), new AbortController(), new Stop()];
  const stop = new Stop();
  stop.follow(left.signal)();
  stop.follow(other)();
  stop.follow(followed.signal);
  left.abort(new Error("left"));
  other.abort(new Error("left"));
  expect(stop.aborted).toBe(false);
  followed.abort(first);
  expect(stop.reason).toBe(first);
  expect(getEventListeners(left.signal, "abort")).toHaveLength(0);
  const late = new Stop();
  late.follow(stop);
  expect(late.reason).toBe(first);
});

it("tells each listener once, in the order in which they came, whoever has left before", () => {
  const stop = new Stop();
  const heard: string[] = [];
  const listeners = ["a", "b", "c"].map((name) => () => heard.push(name));
  for (const listener of [...listeners, ...listeners]) stop.addEventListener("abort", listener);
  for (const listener of listeners.slice(0, 1)) stop.removeEventListener("abort", listener);
  for (const listener of listeners.slice(0, 1)) stop.addEventListener("abort", listener);
  stop.abort(first);
  expect(heard).toEqual(["b", "c", "a"]);
});

it("is a real signal for those outside, whatever it was", () => {
  const controller = new AbortController();
  expect(signalOf(controller.signal)).toBe(controller.signal);
  const stop = new Stop();
  expect(signalOf(stop)).toBe(stop.signal);
  const heard: (() => void)[] = [];
  const other: Stopping = {
    aborted: false,
    reason: first,
    throwIfAborted() {},
    addEventListener: (_type, listener) => heard.push(listener),
    removeEventListener() {},
  };
  const signal = signalOf(other);
  for (const listener of heard) listener();
  expect(signal.reason).toBe(first);
});
