import type { Socket as ClientSocket } from "socket.io-client";

import { ask, createWorld, LIMITS, listen, NAMESPACE, next, type World } from "./harness";

let world: World;
afterEach(() => world.close());

const connect = async () => {
  const client = world.client({ auth: { token: "token:ann" } });
  await next(client, "connect");
  return client;
};

/** Bad payloads and what their acknowledgement says. */
const junk: [name: string, payload: unknown, code: string, param: string | null][] = [
  ["null", null, "invalid_type", null],
  ["an array", [{ id: "x" }], "invalid_type", null],
  ["a string", "imgjob_1", "invalid_type", null],
  ["a number", 7, "invalid_type", null],
  ["binary", Buffer.from("id"), "invalid_type", null],
  ["an empty object", {}, "missing_required_parameter", "id"],
  ["null members", { id: null }, "missing_required_parameter", "id"],
  ["an id that is an array", { id: ["imgjob_1"] }, "invalid_type", "id"],
  ["an id that is an object", { id: { toString: "x" } }, "invalid_type", "id"],
  ["an id that is binary", { id: Buffer.from("x") }, "invalid_type", "id"],
  ["inherited members", JSON.parse(`{"__proto__": {"id": "imgjob_1"}}`), "missing_required_parameter", "id"],
];

const subscribeJunk: typeof junk = [
  ["both names", { id: "x", client_request_id: "y" }, "invalid_value", "client_request_id"],
  ["an empty client request id", { client_request_id: "" }, "invalid_value", "client_request_id"],
  ["a long client request id", { client_request_id: "x".repeat(513) }, "invalid_value", "client_request_id"],
  ["a client request id beyond ASCII", { client_request_id: "\u00e9" }, "invalid_value", "client_request_id"],
  [
    "a client request id with a line break",
    { client_request_id: "a\nb" },
    "invalid_value",
    "client_request_id",
  ],
  ["a client request id that is a number", { client_request_id: 7 }, "invalid_type", "client_request_id"],
  ["previews that are no boolean", { id: "x", previews: "yes" }, "invalid_type", "previews"],
];

describe("a wrong payload", () => {
  it.each([
    ...["subscribe", "unsubscribe", "cancel"].flatMap((event) => junk.map((row) => [event, ...row] as const)),
    ...subscribeJunk.map((row) => ["subscribe", ...row] as const),
  ])("%s with %s is answered", async (event, _, payload, code, param) => {
    world = await createWorld();
    const client = await connect();
    expect(await ask(client, event, payload)).toEqual({
      ok: false,
      error: { message: expect.any(String), type: "invalid_request_error", param, code },
    });
  });

  it("is answered where it is missing", async () => {
    world = await createWorld();
    const client = await connect();
    for (const event of ["subscribe", "unsubscribe", "cancel"]) {
      expect(await ask(client, event)).toMatchObject({
        ok: false,
        error: { code: "missing_required_parameter", param: "id" },
      });
    }
  });

  it("does no harm without an acknowledgement, with arguments too many, or under a strange name", async () => {
    world = await createWorld({ deps: { limits: { ...LIMITS, eventsPerSecond: 1e6, eventBurst: 1e6 } } });
    // What nobody caught makes Jest fail this file.
    const client = await connect();
    const job = world.queue.add("bob");
    const untyped: ClientSocket = client;
    const payloads = [...junk, ...subscribeJunk].map(([, payload]) => payload);
    for (const event of [
      "subscribe",
      "unsubscribe",
      "cancel",
      "error",
      "__proto__",
      "constructor",
      "preview",
    ]) {
      untyped.emit(event);
      for (const payload of payloads) untyped.emit(event, payload);
      untyped.emit(event, { id: job.id }, 1, [2], { three: 3 });
      untyped.emit(event, { id: "__proto__", client_request_id: null }, "not a function");
      untyped.emit(event, { id: "x".repeat(500_000) });
    }
    expect(await ask(client, "cancel", { id: "constructor" }, "extra", [1])).toEqual({ ok: true, job: null });
    expect(world.errors).toEqual([]);
    expect(world.queue.records.get(job.id)).toEqual(job);
  });
});

describe("commands of one socket", () => {
  it("take effect in the order they were sent, however long each takes", async () => {
    let release: () => void = () => {};
    let question = 0;
    world = await createWorld({
      capabilities: {
        has: () => {
          question += 1;
          // The first is asked on connecting.
          if (question !== 2) return true;
          return new Promise<boolean>((resolve) => {
            release = () => resolve(true);
          });
        },
      },
    });
    const client = await connect();
    const heard = listen(client);
    const job = world.queue.add("ann");
    const subscribed = ask(client, "subscribe", { id: job.id });
    const unsubscribed = ask(client, "unsubscribe", { id: job.id });
    const order: string[] = [];
    void subscribed.then(() => order.push("subscribed"));
    void unsubscribed.then(() => order.push("unsubscribed"));
    while (question < 2) await new Promise(setImmediate);
    release();
    await Promise.all([subscribed, unsubscribed]);
    expect(order).toEqual(["subscribed", "unsubscribed"]);
    world.queue.change(job.id);
    await ask(client, "cancel", { id: "unknown" });
    expect(heard.map(({ seq }) => seq)).toEqual([1]);
  });

  it("are dropped once the socket has gone", async () => {
    const questions: AbortSignal[] = [];
    world = await createWorld({
      capabilities: {
        has: (_who, _capability, { signal }) => questions.push(signal) === 1 || new Promise(() => {}),
      },
    });
    const client = await connect();
    const [serverSocket] = [...world.io.of(NAMESPACE).sockets.values()];
    if (serverSocket === undefined) throw new Error("no socket");
    for (let count = 0; count < 3; count += 1) client.emit("cancel", { id: "unknown" });
    while (questions.length < 2) await new Promise(setImmediate);
    const gone = next(serverSocket, "disconnect");
    client.disconnect();
    await gone;
    await new Promise(setImmediate);
    expect(questions).toHaveLength(2);
    expect(questions[1]?.aborted).toBe(true);
    expect(world.errors).toEqual([]);
  });

  it("are refused when too many wait for a slow host", async () => {
    let slow = false;
    world = await createWorld({
      capabilities: { has: () => (slow ? new Promise(() => {}) : true) },
      deps: { limits: { ...LIMITS, eventsPerSecond: 1e6, eventBurst: 3 } },
    });
    const client = await connect();
    slow = true;
    for (let count = 0; count < 3; count += 1) client.emit("cancel", { id: "unknown" });
    expect(await ask(client, "cancel", { id: "unknown" })).toMatchObject({
      ok: false,
      error: { code: "rate_limit_exceeded" },
    });
  });
});
