import fc from "fast-check";

import { PROTOTYPE_NAMES } from "./bodies";

export interface Packet {
  readonly event: string;
  readonly args: readonly unknown[];
  readonly wantsAck: boolean;
}

export const COMMANDS: ReadonlySet<string> = new Set(["subscribe", "unsubscribe", "cancel"]);

/** What socket.io-client itself refuses to send; raw connections send it. */
const RESERVED = /^(connect|connect_error|disconnect|disconnecting|newListener|removeListener)$/;

const event = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...COMMANDS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "progress",
      "preview",
      "closing",
      "error",
      "message",
      "ping",
      "",
      "\u0000",
      "SUBSCRIBE",
      "a".repeat(1_000),
      ...PROTOTYPE_NAMES,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "binary", maxLength: 10 }).filter((name) => !RESERVED.test(name)),
  },
);

/** Own `__proto__` members and the like, which only a parser makes. */
const poisoned = fc
  .constantFrom(...PROTOTYPE_NAMES)
  .map((name) => JSON.parse(`{"${name}":{"id":"x","polluted":true},"id":{"${name}":1}}`));

const binary = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));

const odd: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(null, undefined, true, false, 0, -1, Number.NaN, 1e308, "", "x", [], {}),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: binary },
  { weight: 1, arbitrary: poisoned },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a".repeat(513), "a".repeat(50_000), "\ud800", "\u0000", "é"),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, 100, 2_000)
      .map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
  },
);

/** @param ids job ids and client request ids that mean something here, the caller's own and others' */
export const anyPacket = (ids: readonly string[]): fc.Arbitrary<Packet> => {
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constantFrom(...ids).map((text) => `${text} `.toUpperCase()) },
    { weight: 2, arbitrary: odd },
  );
  const reference = fc.dictionary(
    fc.constantFrom("id", "client_request_id", "previews", "owner", "__proto__", "constructor"),
    fc.oneof(id, odd),
    { maxKeys: 4 },
  );
  const payload = fc.oneof(
    { weight: 4, arbitrary: fc.record({ id }) },
    { weight: 2, arbitrary: fc.record({ client_request_id: id, previews: fc.oneof(fc.boolean(), odd) }) },
    { weight: 2, arbitrary: reference },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: fc.tuple(odd, reference) },
  );
  return fc.record({
    event,
    args: fc.oneof(
      { weight: 5, arbitrary: fc.tuple(payload) },
      // Of more than ten binary parts Socket.IO makes an end itself.
      { weight: 1, arbitrary: fc.array(payload, { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(null, 1, "x", {}, []), { maxLength: 12 }) },
    ),
    wantsAck: fc.boolean(),
  });
};
