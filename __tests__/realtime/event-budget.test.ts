import { createEventBudget } from "../../lib/realtime/event-budget";

describe("an event budget", () => {
  it("allows a burst and then the rate, and refills no further than the burst", () => {
    let now = 0;
    const spend = createEventBudget({ eventsPerSecond: 20, eventBurst: 40 }, () => now);
    const allowed = (events: number) => Array.from({ length: events }, spend).filter(Boolean).length;
    expect(allowed(100)).toBe(40);
    now += 50;
    expect(allowed(5)).toBe(1);
    now += 49;
    expect(allowed(5)).toBe(0);
    now += 1;
    expect(allowed(5)).toBe(1);
    now += 3_600_000;
    expect(allowed(100)).toBe(40);
  });
});
