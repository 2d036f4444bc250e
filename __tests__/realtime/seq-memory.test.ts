import { createSeqMemory } from "../../lib/realtime/seq-memory";

describe("a socket's memory of what it was sent", () => {
  it("knows news from what is old, whatever order it came in", () => {
    const memory = createSeqMemory();
    expect(memory.isNews("a", 0)).toBe(true);
    memory.sent("a", 5);
    memory.sent("a", 3);
    expect([4, 5, 6].map((seq) => memory.isNews("a", seq))).toEqual([false, false, true]);
    expect(memory.isNews("__proto__", 1)).toBe(true);
  });

  it("forgets the job longest without an event", () => {
    const memory = createSeqMemory(2);
    memory.sent("a", 1);
    memory.sent("b", 1);
    memory.sent("a", 2);
    memory.sent("c", 1);
    expect(["a", "b", "c"].map((id) => memory.isNews(id, 1))).toEqual([false, true, false]);
  });
});
