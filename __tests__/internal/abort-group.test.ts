import { getEventListeners } from "node:events";

import { AbortGroup } from "../../lib/internal/abort-group";

describe("AbortGroup", () => {
  it("aborts a member with the reason of its caller, and no other member", () => {
    const group = new AbortGroup();
    const caller = new AbortController();
    const first = group.join(caller.signal);
    const second = group.join(new AbortController().signal);
    caller.abort("left");
    expect(first.signal.reason).toBe("left");
    expect(second.signal.aborted).toBe(false);
  });

  it("listens to a caller no longer once the member has left", () => {
    const caller = new AbortController();
    const member = new AbortGroup().join(caller.signal);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(1);
    member.leave();
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });

  it("aborts all members when it closes and resolves when the last has left", async () => {
    const group = new AbortGroup();
    const members = [group.join(new AbortController().signal), group.join(new AbortController().signal)];
    const closed = jest.fn();
    const closing = group.close(new Error("closing")).then(closed);
    for (const member of members) {
      expect(member.signal.reason).toEqual(new Error("closing"));
      await new Promise(setImmediate);
      expect(closed).not.toHaveBeenCalled();
      member.leave();
    }
    await closing;
  });

  it("closes at once when it is empty and refuses members from then on", async () => {
    const group = new AbortGroup();
    await group.close(new Error("closing"));
    expect(() => group.join(new AbortController().signal)).toThrow("closing");
  });

  it("refuses a caller who has aborted already", () => {
    expect(() => new AbortGroup().join(AbortSignal.abort(new Error("left")))).toThrow("left");
  });
});
