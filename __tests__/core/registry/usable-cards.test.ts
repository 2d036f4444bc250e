import { usableCards } from "../../../lib/core/registry/usable-cards";
import { recordingLog } from "../bench";

it.each<[unknown, string]>([
  ["house", "it must be an object"],
  [null, "it must be an object"],
  [{}, "its 'id' must be a text"],
  [{ id: "" }, "its 'id' must be a text"],
  [{ id: "m", aliases: "n" }, "'aliases' of 'm'"],
  [{ id: "m", ops: "generate" }, "'ops' of 'm'"],
  [{ id: "m", limits: 3 }, "'limits' of 'm'"],
  [{ id: "m", limits: { sizes: ["512x512"] } }, "'limits.sizes' of 'm' must be an array of rules, such as"],
  [{ id: "m", limits: { formats: "png" } }, "'limits.formats' of 'm'"],
  [{ id: "m", limits: { n: 0 } }, "'limits.n' of 'm' must be a number"],
])("leaves out %j, says why, and keeps the others", (card, why) => {
  const { log, lines } = recordingLog();
  const good = { id: "good", limits: { n: 1, sizes: [{ kind: "any" }], formats: ["png"] } };
  expect(usableCards([card, good], "house", log)).toEqual([good]);
  expect(lines).toEqual([
    { level: "error", about: { provider: "house" }, message: expect.stringContaining(`left out: ${why}`) },
  ]);
});

it("makes nothing of what is no array, and says so", () => {
  const { log, lines } = recordingLog();
  expect(usableCards({ id: "m" }, "house", log)).toEqual([]);
  expect(lines).toHaveLength(1);
});
