import { newId } from "../../lib/internal/ids";

describe("newId", () => {
  it("is the prefix and 32 hex digits, never the same twice", () => {
    const ids = Array.from({ length: 1000 }, () => newId("imgjob_"));
    for (const id of ids) expect(id).toMatch(/^imgjob_[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(1000);
  });
});
