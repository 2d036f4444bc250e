import type { Call, Driver } from "../../lib/transport/driver";
import { Exchange } from "../../lib/transport/exchange";
import { resolveLimits } from "../../lib/transport/limits";

const CALL: Call = { method: "GET", url: new URL("http://127.0.0.1/"), headers: {}, body: undefined };
const MAX_SMALL = 64 * 1024;

/** Answers at once. */
function answering(headers: Record<string, string>): { driver: Driver; destroyed(): number } {
  let destroyed = 0;
  return {
    destroyed: () => destroyed,
    driver: (_call, passage) => {
      passage.connected();
      passage.sent();
      passage.answered({ status: 200, headers, next: async () => undefined, isOver: () => false });
      return {
        destroy: () => {
          destroyed += 1;
        },
      };
    },
  };
}

function open(driver: Driver, signal = new AbortController().signal) {
  const exchange = new Exchange(resolveLimits({}), { signal, maxBytes: MAX_SMALL });
  return { exchange, answer: exchange.open(driver, CALL) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it.each([
  ["of no more than 64 KiB goes on with others that come in the same turn", `${MAX_SMALL}`, false],
  ["of more goes on at once", `${MAX_SMALL + 1}`, true],
  ["of unknown length goes on at once", undefined, true],
])("an answer %s", async (_name, length, isAtOnce) => {
  const { driver } = answering(length === undefined ? {} : { "content-length": length });
  const { exchange, answer } = open(driver);
  let isThere = false;
  const there = answer.then(() => {
    isThere = true;
  });
  await new Promise((resolve) => process.nextTick(resolve));
  await null;
  expect(isThere).toBe(isAtOnce);
  await there;
  exchange.release();
});

it("an exchange that is given up while its answer waits fails, and lets its connection go once", async () => {
  const { driver, destroyed } = answering({ "content-length": "2" });
  const stop = new AbortController();
  const { exchange, answer } = open(driver, stop.signal);
  stop.abort();
  await expect(answer).rejects.toMatchObject({ failure: "aborted" });
  for (let turns = 0; turns < 5; turns += 1) await turn();
  expect(destroyed()).toBe(1);
  await expect(exchange.next()).rejects.toMatchObject({ failure: "aborted" });
});
