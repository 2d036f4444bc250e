import { bearerToken } from "../../lib/internal/bearer";

describe("bearerToken", () => {
  it.each([
    ["Bearer sk-1", "sk-1"],
    ["bearer   sk-1", "sk-1"],
    ["BEARER a.b-c_d~e+f/g== ", "a.b-c_d~e+f/g=="],
  ])("reads %j", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Basic abc",
    "sk-1",
    " Bearer x",
    "Bearer a b",
    "Bearer a, Bearer b",
    "Bearera",
  ])("finds none in %j", (header) => {
    expect(bearerToken(header)).toBeUndefined();
  });

  it("takes no longer for a long header than its length", () => {
    const begun = performance.now();
    expect(bearerToken(`Bearer ${" ".repeat(200_000)}`)).toBeUndefined();
    expect(bearerToken(`Bearer ${"a".repeat(100_000)} ${" ".repeat(100_000)}x`)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
