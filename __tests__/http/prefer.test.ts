import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { appliedPreferences, preferencesOf } from "../../lib/http/prefer";

const asked = (prefer?: string) => {
  const req = new IncomingMessage(new Socket());
  if (prefer !== undefined) req.headers["prefer"] = prefer;
  return preferencesOf(req);
};

it.each<[string | undefined, boolean, number | undefined]>([
  [undefined, false, undefined],
  ["respond-async", true, undefined],
  ["Respond-Async", true, undefined],
  ["respond-async, wait=10", true, 10],
  ["wait=10,respond-async;priority=5", true, 10],
  ['wait="20"', false, 20],
  ["wait = 7", false, 7],
  ["wait=3, wait=9", false, 3],
  ["wait=100000", false, 60],
  ["wait=0", false, 0],
  ["wait=-1, wait=4", false, 4],
  ["wait=1e3", false, undefined],
  ["wait", false, undefined],
  ["respond-async=1", false, undefined],
  ["respond-asynchronously; respond-async", false, undefined],
  ["return=minimal, ,=,;", false, undefined],
])("reads %p", (prefer, respondAsync, waitSeconds) => {
  expect(asked(prefer)).toEqual({ respondAsync, waitSeconds });
});

it("names what was applied", () => {
  expect(appliedPreferences(asked("wait=5, respond-async"))).toBe("respond-async, wait=5");
  expect(appliedPreferences(asked("wait=500"))).toBe("wait=60");
});
