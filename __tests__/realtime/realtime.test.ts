import { createServer } from "node:http";
import { Server } from "socket.io";
import type { Socket as ClientSocket } from "socket.io-client";
import { createRealtime } from "../../lib/realtime";
import type { Account, World } from "./harness";
import { ask, createWorld, listen, NAMESPACE, next, refusal } from "./harness";

let world: World;
afterEach(() => world.close());

const auth = { token: "token:ann" };

/** A namespace of the host's own, on the connection that a client of ours has. */
async function hostNamespace(client: { io: { socket(name: string): ClientSocket } }): Promise<ClientSocket> {
  world.io.of("/host").on("connection", (socket) => {
    socket.on("ping", (ack: () => void) => ack());
  });
  const other = client.io.socket("/host");
  other.connect();
  await next(other, "connect");
  return other;
}

const listenerCounts = () => {
  const all = [world.io, world.io.of(NAMESPACE), world.http, world.io.engine];
  return all.map((emitter) => [...emitter.eventNames()].map((name) => [name, emitter.listenerCount(name)]));
};

describe("attach", () => {
  it("throws for a namespace that has a router already, and names the remedy", async () => {
    world = await createWorld();
    expect(() => world.realtime.attach(world.io)).toThrow(/'\/image-progress'.*option 'namespace'/);
    expect(() => createRealtime<Account>(world.deps).attach(world.io)).toThrow(/option 'namespace'/);
    await next(world.client({ auth }), "connect");
  });

  it("serves two routers in two namespaces of one server", async () => {
    world = await createWorld();
    const second = createRealtime<Account>({ ...world.deps, namespace: "/others" });
    second.attach(world.io);
    await Promise.all([
      next(world.client({ auth }), "connect"),
      next(world.client({ auth }, "/others"), "connect"),
    ]);
    second.close();
    expect(await refusal(world.client({ auth }, "/others"))).toMatchObject({ data: { code: "closed" } });
    await next(world.client({ auth }), "connect");
  });

  it("serves several servers at once", async () => {
    world = await createWorld();
    const other = new Server(createServer());
    world.realtime.attach(other);
    expect(other.of(NAMESPACE).listenerCount("connection")).toBe(1);
    world.realtime.close();
    expect(other.of(NAMESPACE).listenerCount("connection")).toBe(0);
    await other.close();
  });

  it("leaves the host's middlewares and listeners of the namespace in place", async () => {
    world = await createWorld({ attach: false });
    const calls: string[] = [];
    const namespace = world.io.of(NAMESPACE);
    namespace.use((_socket, proceed) => {
      calls.push("middleware");
      proceed();
    });
    namespace.on("connection", (socket) => {
      calls.push("connection");
      socket.on("own", (ack: (answer: string) => void) => ack("the host's"));
    });
    world.realtime.attach(world.io);
    const client = world.client({ auth });
    await next(client, "connect");
    expect(await ask(client, "own")).toBe("the host's");
    expect(calls).toEqual(["middleware", "connection"]);
  });
});

describe("close", () => {
  it("tells its sockets, leaves the namespace only, and takes its listeners away", async () => {
    world = await createWorld({ attach: false });
    const client = world.client({ auth }, "/host");
    const other = await hostNamespace(client);
    const before = listenerCounts();
    world.realtime.attach(world.io);
    const ours = other.io.socket(NAMESPACE, { auth });
    ours.connect();
    await next(ours, "connect");

    const closing = next(ours, "closing");
    const disconnected = next(ours, "disconnect");
    world.realtime.close();
    expect(await closing).toEqual([{ reason: "shutdown" }]);
    expect((await disconnected)[0]).toBe("io server disconnect");
    expect(listenerCounts()).toEqual(before);
    expect(world.queue.listeners.size).toBe(0);
    expect(world.deps.previews.wanted(world.queue.add("ann"))).toBe(false);
    await other.timeout(5000).emitWithAck("ping");
    expect(world.io.of(NAMESPACE).sockets.size).toBe(0);
  });

  it("refuses later sockets with 'closed', and may be called again", async () => {
    world = await createWorld();
    world.realtime.close();
    world.realtime.close();
    expect(await refusal(world.client({ auth }))).toMatchObject({
      data: { code: "closed", type: "server_error" },
    });
    expect(() => world.realtime.attach(world.io)).toThrow(/closed/);
  });

  it("lets another router attach to the namespace", async () => {
    world = await createWorld();
    world.realtime.close();
    const successor = createRealtime<Account>(world.deps);
    successor.attach(world.io);
    world.realtime.close();
    const client = world.client({ auth });
    await next(client, "connect");
    const heard = listen(client);
    await ask(client, "cancel", { id: "unknown" });
    const job = world.queue.add("ann");
    await ask(client, "cancel", { id: "unknown" });
    expect(heard.map(({ id }) => id)).toEqual([job.id]);
    successor.close();
  });

  it("refuses a socket whose authentication was under way", async () => {
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
    const refused = refusal(world.client({ auth }));
    await wasAsked;
    world.realtime.close();
    answer({ id: "ann", capable: true });
    expect(await refused).toMatchObject({ data: { code: "closed" } });
  });

  it("lets a socket go that was admitted but not connected yet", async () => {
    world = await createWorld();
    // Behind ours: Socket.IO connects the socket in the tick after it.
    world.io.of(NAMESPACE).use((_socket, proceed) => {
      proceed();
      world.realtime.close();
    });
    const client = world.client({ auth });
    expect(await next(client, "closing")).toEqual([{ reason: "shutdown" }]);
  });
});

describe("disconnectPrincipal", () => {
  it("lets all sockets of that principal go, and no others", async () => {
    world = await createWorld();
    const [one, two, bob] = [auth, auth, { token: "token:bob" }].map((who) => world.client({ auth: who }));
    if (one === undefined || two === undefined || bob === undefined) throw new Error("no clients");
    await Promise.all([one, two, bob].map((client) => next(client, "connect")));
    const gone = Promise.all(
      [one, two].map((client) => Promise.all([next(client, "closing"), next(client, "disconnect")])),
    );
    world.realtime.disconnectPrincipal("ann");
    for (const [closing, disconnect] of await gone) {
      expect(closing).toEqual([{ reason: "token_expired" }]);
      expect(disconnect[0]).toBe("io server disconnect");
    }
    expect(await ask(bob, "cancel", { id: "unknown" })).toEqual({ ok: true, job: null });
  });
});

describe("a principal that expires", () => {
  it("is let go at that time, on our namespace only", async () => {
    world = await createWorld({
      authenticate: () => ({ id: "ann", capable: true, expiresAt: new Date(Date.now() + 300) }),
    });
    const client = world.client({ auth });
    const closing = next(client, "closing");
    const disconnected = next(client, "disconnect");
    await next(client, "connect");
    const other = await hostNamespace(client);
    expect(await closing).toEqual([{ reason: "token_expired" }]);
    expect((await disconnected)[0]).toBe("io server disconnect");
    await other.timeout(5000).emitWithAck("ping");
  });
});
