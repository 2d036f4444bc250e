import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { anonymousCaller, knownCaller } from "../../lib/core/callers/caller";
import { repeatsOf } from "../../lib/http/repeats";
import { GatewayError } from "../../lib/ports";

const ANN = knownCaller({ id: "ann" });

function read(headers: Record<string, string>, caller = ANN) {
  const req = new IncomingMessage(new Socket());
  Object.assign(req.headers, headers);
  return repeatsOf(req, caller);
}

function refusal(headers: Record<string, string>, caller = ANN) {
  try {
    return read(headers, caller);
  } catch (error) {
    if (!GatewayError.is(error)) throw error;
    return [error.status, error.code, error.param];
  }
}

it.each([
  ["order:17/abc", "order:17/abc"],
  ['"order:17/abc"', "order:17/abc"],
  ['"a b, \\"c\\" \\\\"', 'a b, "c" \\'],
  ["8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"],
  ["k".repeat(255), "k".repeat(255)],
])("takes the key %s", (header, key) => {
  expect(read({ "idempotency-key": header }).idempotencyKey).toBe(key);
});

it("is no key where none is given", () => {
  expect(read({}).idempotencyKey).toBeUndefined();
  expect(read({ "idempotency-key": "" }).idempotencyKey).toBeUndefined();
});

it.each(["a b", "a, b", '"a', 'a"', '""', '"a\\b"', "ä", "k".repeat(256), `"${"k".repeat(256)}"`])(
  "refuses the key %s",
  (header) => {
    expect(refusal({ "idempotency-key": header })).toEqual([400, "invalid_value", "Idempotency-Key"]);
  },
);

it("takes of anonymous callers only what nobody guesses", () => {
  const nobody = anonymousCaller({ id: "anyone" }, "127.0.0.1");
  expect(refusal({ "idempotency-key": "k".repeat(31) }, nobody)).toEqual([
    400,
    "invalid_value",
    "Idempotency-Key",
  ]);
  expect(read({ "idempotency-key": "k".repeat(32) }, nobody).idempotencyKey).toBe("k".repeat(32));
});

it.each([
  ["0", false, true],
  ["1", true, true],
  ["2", true, true],
  ["", false, false],
  ["x", false, false],
  ["1, 1", false, false],
])(
  "takes of an SDK's retry count of %p that it is a retry: %p, and would come again: %p",
  (count, isRetry, comesAgain) => {
    expect(read({ "x-stainless-retry-count": count })).toMatchObject({ isRetry, comesAgain });
  },
);

it("takes a request without a retry count for one that does not come again", () => {
  expect(read({})).toMatchObject({ isRetry: false, comesAgain: false });
});
