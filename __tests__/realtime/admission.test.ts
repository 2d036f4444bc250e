import type { Credentials } from "../../lib/ports";

import { GatewayError } from "../../lib/ports";
import { type Account, createWorld, NAMESPACE, next, refusal, type World } from "./harness";

let world: World;
afterEach(() => world.close());

const ann: Account = { id: "ann", capable: true };
const serverSockets = () => [...world.io.of(NAMESPACE).sockets.values()];

describe("who is let in", () => {
  it("refuses a socket without a key with the error object as data", async () => {
    world = await createWorld();
    const { message, data } = await refusal(world.client());
    expect(data).toEqual({ message, type: "invalid_request_error", param: null, code: "invalid_api_key" });
  });

  it("refuses a wrong key and lets the same connection try again with a good one", async () => {
    world = await createWorld();
    const client = world.client({ auth: { token: "wrong" } });
    expect(await refusal(client)).toMatchObject({ data: { code: "invalid_api_key" } });
    client.auth = { token: "token:ann" };
    client.connect();
    await next(client, "connect");
  });

  it.each([
    ["an array", ["token:ann"]],
    ["an object", { token: "token:ann" }],
    ["a number", 7],
    ["an empty string", ""],
    ["true", true],
  ])("does not take %s for a token", async (_, token) => {
    const seen: (string | undefined)[] = [];
    world = await createWorld({
      authenticate: ({ token }) => {
        seen.push(token);
        return null;
      },
    });
    await refusal(world.client({ auth: { token } }));
    expect(seen).toEqual([undefined]);
  });

  it("does not look for a token in the query", async () => {
    world = await createWorld();
    const client = world.client({ query: { token: "token:ann", auth: "token:ann" } });
    expect(await refusal(client)).toMatchObject({ data: { code: "invalid_api_key" } });
  });

  it("does not take a token from a prototype", async () => {
    world = await createWorld();
    const client = world.client({ auth: JSON.parse(`{"__proto__": {"token": "token:ann"}}`) });
    expect(await refusal(client)).toMatchObject({ data: { code: "invalid_api_key" } });
  });

  it("takes the bearer of the Authorization header where auth.token is absent", async () => {
    const seen: (string | undefined)[] = [];
    world = await createWorld({
      authenticate: ({ token }) => {
        seen.push(token);
        return ann;
      },
    });
    const extraHeaders = { Authorization: "Bearer in-the-header" };
    await next(world.client({ extraHeaders }), "connect");
    await next(world.client({ extraHeaders, auth: { token: "in-auth" } }), "connect");
    await next(world.client({ extraHeaders: { Authorization: "Basic abc" } }), "connect");
    expect(seen).toEqual(["in-the-header", "in-auth", undefined]);
  });

  it("does not bother the host with a token of absurd length", async () => {
    let asked = 0;
    world = await createWorld({
      authenticate: () => {
        asked += 1;
        return ann;
      },
    });
    expect(await refusal(world.client({ auth: { token: "x".repeat(20_000) } }))).toMatchObject({
      data: { code: "invalid_api_key" },
    });
    expect(asked).toBe(0);
  });

  it("shows the authenticator the handshake's request", async () => {
    const seen: Credentials[] = [];
    world = await createWorld({
      authenticate: (from) => {
        seen.push(from);
        return ann;
      },
    });
    await next(world.client({ extraHeaders: { "x-mark": "here" } }), "connect");
    expect(seen[0]?.transport).toBe("socket");
    expect(seen[0]?.request.headers["x-mark"]).toBe("here");
  });

  it("refuses a principal without the capability", async () => {
    world = await createWorld({ authenticate: () => ({ id: "poor", capable: false }) });
    expect(await refusal(world.client())).toMatchObject({ data: { code: "missing_capability" } });
  });

  it.each([
    ["throws", () => Promise.reject(new Error("the account database at 10.0.0.7 is down"))],
    ["resolves to something that is no principal", () => JSON.parse(`{"id": 7}`)],
  ])("denies while the authenticator %s, and keeps the reason to itself", async (_, authenticate) => {
    world = await createWorld({ authenticate });
    const { data, message } = await refusal(world.client({ auth: { token: "token:ann" } }));
    expect(data).toMatchObject({ code: "auth_unavailable" });
    expect(message).not.toContain("10.0.0.7");
  });

  it("refuses until the router is ready", async () => {
    let problem: GatewayError | undefined = new GatewayError("starting", "Not yet.");
    world = await createWorld({ deps: { refusal: () => problem } });
    const client = world.client({ auth: { token: "token:ann" } });
    expect(await refusal(client)).toMatchObject({ data: { code: "starting" } });
    problem = undefined;
    client.connect();
    await next(client, "connect");
  });

  it("joins no room and hears no event before the authenticator has answered", async () => {
    let answer: (who: Account) => void = () => {};
    let asked: () => void = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    world = await createWorld({
      authenticate: () => {
        asked();
        return new Promise<Account>((resolve) => {
          answer = resolve;
        });
      },
    });
    const client = world.client();
    await wasAsked;
    expect([...world.io.of(NAMESPACE).adapter.rooms.keys()]).toEqual([]);
    answer(ann);
    await next(client, "connect");
  });

  it("tells the authenticator when the connection has gone", async () => {
    let signal: AbortSignal | undefined;
    let asked: () => void = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    world = await createWorld({
      authenticate: (from) => {
        signal = from.signal;
        asked();
        return new Promise(() => {});
      },
    });
    const client = world.client();
    await wasAsked;
    const aborted = new Promise((resolve) => signal?.addEventListener("abort", resolve));
    client.io.engine.close();
    await aborted;
    expect(world.errors).toEqual([]);
  });
});

describe("how many are let in", () => {
  it("refuses a principal's ninth socket, and lets it in once another has left", async () => {
    world = await createWorld();
    world.io.of("/host");
    const first = world.client({ auth: { token: "token:ann" } });
    await next(first, "connect");
    // The connection stays, for the host's own namespace.
    const other = first.io.socket("/host");
    other.connect();
    await next(other, "connect");
    const leaving = serverSockets()[0];
    for (let count = 1; count < 8; count += 1) {
      await next(world.client({ auth: { token: "token:ann" } }), "connect");
    }
    const ninth = world.client({ auth: { token: "token:ann" } });
    expect(await refusal(ninth)).toMatchObject({ data: { code: "too_many_connections" } });
    await next(world.client({ auth: { token: "token:bob" } }), "connect");

    if (leaving === undefined) throw new Error("no socket");
    const left = next(leaving, "disconnect");
    first.disconnect();
    await left;
    ninth.connect();
    await next(ninth, "connect");
    expect(other.connected).toBe(true);
  });

  it("counts sockets that ask at the same time", async () => {
    world = await createWorld();
    const answers = Array.from({ length: 10 }, () => {
      const client = world.client({ auth: { token: "token:ann" } });
      return new Promise((resolve) => {
        client.once("connect", () => resolve("in"));
        client.once("connect_error", () => resolve("out"));
      });
    });
    expect((await Promise.all(answers)).sort()).toEqual([...Array(8).fill("in"), "out", "out"]);
  });

  it("counts anonymous sockets by their address", async () => {
    world = await createWorld({ authenticate: false });
    for (let count = 0; count < 8; count += 1) await next(world.client(), "connect");
    expect(await refusal(world.client())).toMatchObject({ data: { code: "too_many_connections" } });
  });

  it("refuses a connection that asks again and again without waiting", async () => {
    let asked = 0;
    world = await createWorld({
      authenticate: () => {
        asked += 1;
        return new Promise(() => {});
      },
    });
    const client = world.client();
    await next(client.io, "open");
    const refused = refusal(client);
    for (let count = 0; count < 12; count += 1) client.io.engine.write(`0${NAMESPACE},{}`);
    expect(await refused).toMatchObject({ data: { code: "too_many_connections" } });
    expect(asked).toBe(8);
  });
});
