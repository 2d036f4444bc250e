import { getEventListeners } from "node:events";

import { within } from "../../lib/internal/deadline";
import { withSignal } from "../../lib/internal/with-signal";

const never = () => new Promise<never>(() => {});

it("has the members, and a signal that only who asks for it brings about", async () => {
  const parent = new AbortController();
  const about = await within(1000, parent.signal, (limit) => withSignal({ op: "generate" }, limit));
  expect(Object.keys(about).sort()).toEqual(["op", "signal"]);
  expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
  const { op, signal } = { ...about };
  expect(op).toBe("generate");
  expect(signal).toBe(about.signal);
});

it("may be wrapped, inherited from and given another signal, as hooks of a host do", async () => {
  const other = new AbortController().signal;
  await within(1000, new AbortController().signal, (limit) => {
    expect(new Proxy(withSignal({}, limit), {}).signal).toBe(limit.signal);
    expect(Object.create(withSignal({}, limit)).signal).toBe(limit.signal);
    expect(Object.assign(withSignal({}, limit), { signal: other }).signal).toBe(other);
  });
});

it("its signal aborts with the parent, whenever it was asked for", async () => {
  const parent = new AbortController();
  const gone = new Error("gone");
  let early: AbortSignal | undefined;
  let about: { readonly signal: AbortSignal } | undefined;
  const work = within(1000, parent.signal, (limit) => {
    about = withSignal({}, limit);
    early = about.signal;
    return never();
  });
  const late = within(1000, parent.signal, (limit) => {
    about = withSignal({}, limit);
    return never();
  });
  parent.abort(gone);
  await expect(work).rejects.toBe(gone);
  await expect(late).rejects.toBe(gone);
  expect([early?.reason, about?.signal.reason]).toEqual([gone, gone]);
  expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
});
