import { callKey } from "../../../lib/core/running/call-key";

describe("callKey", () => {
  it("is a UUID of version 8", () => {
    for (let call = 0; call < 50; call += 1) {
      expect(callKey("imgjob_1", call, 0)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it("is the same in every process", () => {
    expect(callKey("imgjob_00000000000000000000000000000000", 0, 0)).toBe(
      "18ddd2c3-5195-88f2-97af-bc147b0363cd",
    );
  });

  it("differs by job, call and attempt", () => {
    const keys = [
      callKey("a", 0, 0),
      callKey("a", 0, 1),
      callKey("a", 1, 0),
      callKey("b", 0, 0),
      callKey("a", 1, 1),
      callKey("a", 11, 0),
      callKey("a", 1, 10),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
