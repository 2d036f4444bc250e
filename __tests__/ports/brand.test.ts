import * as ours from "../../lib/ports";

/** A second installed copy of the package. */
let theirs: typeof ours = ours;
beforeAll(() => {
  jest.isolateModules(() => {
    theirs = require("../../lib/ports");
  });
});

const CASES = [
  ["GatewayError", () => new theirs.GatewayError("draining", "x"), ours.GatewayError.is],
  ["HttpError", () => new theirs.HttpError("reset", "maybe", "x"), ours.HttpError.is],
  ["ProviderError", () => new theirs.ProviderError("timeout", "x", { started: "no" }), ours.ProviderError.is],
  ["StoreFullError", () => new theirs.StoreFullError("x"), ours.StoreFullError.is],
] as const;

describe.each(CASES)("a %s", (name, make, is) => {
  it("is known across two copies of the package", () => {
    expect(theirs.GatewayError).not.toBe(ours.GatewayError);
    expect(is(make())).toBe(true);
  });

  it("is not taken for another, nor is what only has its name and members", () => {
    for (const [other, makeOther] of CASES) expect(is(makeOther())).toBe(other === name);
    const lookalike = Object.assign(new Error("x"), {
      name,
      [`is${name}`]: true,
      fault: "x",
      info: {},
      failure: "x",
    });
    expect(is(lookalike)).toBe(false);
    expect(is({ ...make() })).toBe(false);
    expect(is(undefined)).toBe(false);
  });

  it("does not show its mark to who walks its members", () => {
    expect(Object.getOwnPropertySymbols({ ...make() })).toEqual([]);
  });
});
