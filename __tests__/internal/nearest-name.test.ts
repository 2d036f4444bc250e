import { nearestName } from "../../lib/internal/nearest-name";

it("finds the nearest name, and none where nothing is near", () => {
  const known = ["store", "strict", "jobs", "links", "limits"];
  expect(nearestName("stroe", known)).toBe("store");
  expect(nearestName("LINKS", known)).toBe("links");
  expect(nearestName("limit", known)).toBe("limits");
  expect(nearestName("x", known)).toBeUndefined();
  expect(nearestName("redis", known)).toBeUndefined();
  expect(nearestName("", known)).toBeUndefined();
});
