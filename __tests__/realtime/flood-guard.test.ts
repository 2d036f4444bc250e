import type { Socket as ClientSocket } from "socket.io-client";

import { ask, createWorld, listen, next, type World } from "./harness";

let world: World;
afterEach(() => world.close());

const connect = async () => {
  const client = world.client({ auth: { token: "token:ann" } });
  await next(client, "connect");
  return client;
};

describe("a flood", () => {
  it("ends the socket with a reason, but not the host's other namespaces on its connection", async () => {
    world = await createWorld();
    world.io.of("/host").on("connection", (socket) => {
      socket.on("ping", (ack: () => void) => ack());
    });
    const client = await connect();
    const other = client.io.socket("/host");
    other.connect();
    await next(other, "connect");

    const gone = Promise.all([next(client, "closing"), next(client, "disconnect")]);
    // Some more are on their way when the client hears of it.
    client.once("closing", () => client.emit("cancel", { id: "late" }));
    for (let count = 0; count < 300; count += 1) ask(client, `junk-${count}`, count).catch(() => {});
    const [closing, disconnected] = await gone;
    expect(closing).toEqual([{ reason: "flood" }]);
    expect(disconnected[0]).toBe("io server disconnect");
    await other.timeout(5000).emitWithAck("ping");

    client.connect();
    await next(client, "connect");
    expect(await ask(client, "cancel", { id: "unknown" })).toEqual({ ok: true, job: null });
  });

  it("is told to the event that was too much, and nothing after it is answered", async () => {
    world = await createWorld();
    const client = await connect();
    const job = world.queue.add("ann");
    const gone = next(client, "disconnect");
    const codes: string[] = [];
    for (let count = 0; count < 300; count += 1) {
      client.emit("subscribe", { id: job.id }, (answer) => codes.push(answer.ok ? "ok" : answer.error.code));
    }
    await gone;
    expect(codes.filter((code) => code === "flood")).toHaveLength(1);
    // A few more than the burst may pass, as time does.
    expect(codes.filter((code) => code === "ok").length).toBeGreaterThanOrEqual(40);
    expect(codes.filter((code) => code === "ok").length).toBeLessThan(100);
  });

  it("is cut even when it does not stop", async () => {
    world = await createWorld();
    const client = await connect();
    const heard = listen(client);
    const gone = next(client, "disconnect");
    const untyped: ClientSocket = client;
    const pump = setInterval(() => untyped.emit("more"), 5);
    await gone;
    clearInterval(pump);
    expect(heard).toMatchObject([{ event: "closing", reason: "flood" }]);
  });

  it("is not a burst of 40 events", async () => {
    world = await createWorld();
    const client = await connect();
    const answers = Array.from({ length: 40 }, () => ask(client, "cancel", { id: "unknown" }));
    expect(await Promise.all(answers)).toEqual(Array(40).fill({ ok: true, job: null }));
  });
});
