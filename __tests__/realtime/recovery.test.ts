import type { Account, World } from "./harness";

import { ask, createWorld, listen, NAMESPACE, next } from "./harness";

let world: World;
afterEach(() => world.close());

/** A client whose connection breaks after it has heard something, and comes back by itself. */
async function interrupted(meanwhile: (jobId: string, socketId: string) => void) {
  const client = world.client({
    auth: { token: "token:ann" },
    reconnection: true,
    reconnectionDelay: 10,
    reconnectionDelayMax: 10,
  });
  const heard = listen(client);
  await next(client, "connect");
  const first = next(client, "progress");
  const job = world.queue.add("ann");
  await first;
  await ask(client, "subscribe", { id: job.id });
  const [serverSocket] = [...world.io.of(NAMESPACE).sockets.values()];
  if (serverSocket === undefined) throw new Error("no socket");
  const lost = next(serverSocket, "disconnect");
  client.io.engine.close();
  await lost;
  meanwhile(job.id, serverSocket.id);
  return { client, heard, job };
}

describe("a socket that Socket.IO recovers", () => {
  const server = { connectionStateRecovery: {} };

  it("is asked who it is again, and told nothing when that has ended", async () => {
    let valid = true;
    const authenticate = (): Account | null => (valid ? { id: "ann", capable: true } : null);
    world = await createWorld({ server, authenticate });
    const { client, heard } = await interrupted((id, socketId) => {
      valid = false;
      world.queue.change(id);
      world.io.of(NAMESPACE).to(socketId).emit("for this socket only");
    });
    const gone = next(client, "disconnect");
    await next(client, "connect");
    expect(client.recovered).toBe(true);
    client.emit("cancel", { id: heard[0]?.id ?? "" });
    expect((await gone)[0]).toBe("io server disconnect");
    expect(heard.map(({ event, seq, reason }) => seq ?? reason ?? event)).toEqual([1, "token_expired"]);
    expect([...world.queue.records.values()].map(({ status }) => status)).toEqual(["in_progress"]);
  });

  it("starts anew with a snapshot, and its commands wait for that", async () => {
    let release: () => void = () => {};
    let question = 0;
    const authenticate = (): Promise<Account> => {
      question += 1;
      const ann = { id: "ann", capable: true };
      if (question === 1) return Promise.resolve(ann);
      return new Promise((resolve) => {
        release = () => resolve(ann);
      });
    };
    world = await createWorld({ server, authenticate });
    const { client, heard, job } = await interrupted((id) => void world.queue.change(id));
    await next(client, "connect");
    expect(client.recovered).toBe(true);
    const [serverSocket] = [...world.io.of(NAMESPACE).sockets.values()];
    if (serverSocket === undefined) throw new Error("no socket");
    const arrived = next(serverSocket.conn, "data");
    const answer = ask(client, "cancel", { id: job.id });
    await arrived;
    await new Promise(setImmediate);
    expect(world.queue.records.get(job.id)?.status).toBe("in_progress");
    release();
    expect(await answer).toMatchObject({ ok: true, job: { status: "cancelled" } });
    expect(heard.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("is treated alike where the host has the middlewares run", async () => {
    world = await createWorld({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, heard, job } = await interrupted((id) => void world.queue.change(id));
    await next(client, "connect");
    expect(client.recovered).toBe(true);
    await ask(client, "cancel", { id: job.id });
    expect(heard.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});
