import { toModelObjects } from "../../lib/wire/models";

describe("toModelObjects", () => {
  it("lists models and their aliases, each id once", () => {
    expect(
      toModelObjects([
        { id: "a", aliases: ["x", "a"], created: 5, ownedBy: "one" },
        { id: "b", aliases: ["x"], ops: ["edit"] },
        { id: "a", ownedBy: "two" },
      ]),
    ).toEqual([
      { id: "a", object: "model", created: 5, owned_by: "one", ops: ["generate"] },
      { id: "x", object: "model", created: 5, owned_by: "one", ops: ["generate"], alias_of: "a" },
      { id: "b", object: "model", created: 0, owned_by: "gateway", ops: ["edit"] },
    ]);
  });

  it("takes any text for an id", () => {
    expect(toModelObjects([{ id: "__proto__", aliases: ["constructor"] }]).map(({ id }) => id)).toEqual([
      "__proto__",
      "constructor",
    ]);
  });

  it("shows nothing else of a card", () => {
    const [shown] = toModelObjects([{ id: "a", upstream: "hidden", cost: { perImageUsd: 1 } }]);
    expect(Object.keys(shown ?? {})).toEqual(["id", "object", "created", "owned_by", "ops"]);
  });
});
