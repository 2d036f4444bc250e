import { anonymousCaller } from "../../lib/core/callers/caller";
import type { JobRecord } from "../../lib/ports";
import { ask, type Client, createWorld, listen, NAMESPACE, next, type World } from "./harness";

let world: World;
afterEach(() => world.close());

const connect = async (auth: object = { token: "token:ann" }) => {
  const client = world.client({ auth });
  const heard = listen(client);
  await next(client, "connect");
  return { client, heard };
};

const { owner: nobody } = anonymousCaller({ id: "any" }, "any");
const addAnonymous = (more: Partial<JobRecord> = {}) => world.queue.add("any", { owner: nobody, ...more });

const roomsOf = (client: Client) => [
  ...(world.io.of(NAMESPACE).sockets.get(client.id ?? "")?.rooms ?? new Set<string>()),
];

/** Everything sent before it has arrived when it resolves. */
const settle = (client: Client) => ask(client, "cancel", { id: "unknown" });

const publish = (job: JobRecord) =>
  world.deps.previews.publish({
    job,
    seq: job.seq,
    imageIndex: 0,
    contentType: "image/png",
    bytes: new Uint8Array([1]),
  });

const LONG = "0123456789abcdef0123456789abcdef";

describe("subscribe", () => {
  it("answers null, alike, for an unknown id and a foreign one, and joins nothing", async () => {
    world = await createWorld();
    const { client, heard } = await connect();
    const before = roomsOf(client);
    const foreign = world.queue.add("bob");
    const unknown = `imgjob_${"0".repeat(32)}`;
    for (const id of [foreign.id, unknown, "", "__proto__", "constructor", "x".repeat(5000)]) {
      expect(await ask(client, "subscribe", { id })).toEqual({ ok: true, job: null });
    }
    world.queue.change(foreign.id);
    await settle(client);
    expect(roomsOf(client)).toEqual(before);
    expect(heard).toEqual([]);
  });

  it("answers with the job", async () => {
    world = await createWorld();
    const { client } = await connect();
    const job = world.queue.add("ann", { clientRequestId: "mine" });
    const expected = { ok: true, job: { id: job.id, object: "image.job", result: null } };
    expect(await ask(client, "subscribe", { id: job.id })).toMatchObject(expected);
    expect(await ask(client, "subscribe", { client_request_id: "mine" })).toMatchObject(expected);
  });

  it("names the newest of several jobs with one client request id and shows those still live", async () => {
    world = await createWorld();
    world.queue.add("ann", { clientRequestId: "mine", status: "completed", seq: 9 });
    const live = world.queue.add("ann", { clientRequestId: "mine" });
    const newest = world.queue.add("ann", { clientRequestId: "mine", status: "failed", seq: 4 });
    world.queue.add("bob", { clientRequestId: "mine" });
    const { client, heard } = await connect();
    await settle(client);
    expect(heard.map(({ id }) => id)).toEqual([live.id]);
    const answer = await ask(client, "subscribe", { client_request_id: "mine" });
    expect(answer).toMatchObject({ ok: true, job: { id: newest.id } });
    await settle(client);
    expect(heard.map(({ id }) => id)).toEqual([live.id, newest.id]);
  });

  it("finds a job by its client request id among the caller's newest 200", async () => {
    world = await createWorld();
    world.queue.add("ann", { clientRequestId: "too old", status: "completed" });
    world.queue.add("ann", { clientRequestId: "old", status: "completed" });
    for (let count = 0; count < 199; count += 1) world.queue.add("ann", { status: "completed" });
    const { client } = await connect();
    const found = async (id: string) => {
      const answer = await ask(client, "subscribe", { client_request_id: id });
      return answer.ok && answer.job?.client_request_id;
    };
    expect([await found("old"), await found("too old")]).toEqual(["old", undefined]);
  });

  it("shows an ended job once to a socket that has not seen it end, and keeps no room for it", async () => {
    world = await createWorld();
    const job = world.queue.add("ann", { status: "completed", seq: 7 });
    const { client, heard } = await connect();
    const before = roomsOf(client);
    await ask(client, "subscribe", { id: job.id });
    await ask(client, "subscribe", { id: job.id });
    await settle(client);
    expect(heard).toMatchObject([{ event: "progress", id: job.id, status: "completed", seq: 7 }]);
    expect(roomsOf(client)).toEqual(before);
  });

  it("turns pictures on and off for one job", async () => {
    world = await createWorld();
    const [silent, watching] = [await connect({ token: "token:ann", previews: false }), await connect()];
    const [one, two] = [world.queue.add("ann"), world.queue.add("ann", { clientRequestId: "mine" })];
    await ask(silent.client, "subscribe", { id: one.id, previews: true });
    await ask(watching.client, "subscribe", { client_request_id: "mine", previews: false });
    for (const job of [one, two]) publish(world.queue.change(job.id));
    await Promise.all([settle(silent.client), settle(watching.client)]);
    const seen = ({ heard }: { heard: { event: string; id?: string }[] }) =>
      heard.filter(({ event }) => event === "preview").map(({ id }) => id);
    expect(seen(silent)).toEqual([one.id]);
    expect(seen(watching)).toEqual([one.id]);

    await ask(silent.client, "subscribe", { id: one.id });
    await ask(watching.client, "subscribe", { id: two.id });
    for (const job of [one, two]) publish(world.queue.change(job.id));
    await Promise.all([settle(silent.client), settle(watching.client)]);
    expect(seen(silent)).toEqual([one.id]);
    expect(seen(watching)).toEqual([one.id, one.id, two.id]);
  });

  it("asks for the capability again", async () => {
    let granted = true;
    world = await createWorld({ capabilities: { has: () => granted } });
    const { client } = await connect();
    const job = world.queue.add("ann");
    granted = false;
    for (const event of ["subscribe", "cancel"]) {
      expect(await ask(client, event, { id: job.id })).toMatchObject({
        ok: false,
        error: { code: "missing_capability", type: "invalid_request_error" },
      });
    }
    expect(world.queue.records.get(job.id)?.status).toBe("in_progress");
  });

  it("reports a failing queue without its reason", async () => {
    world = await createWorld();
    const { client } = await connect();
    const job = world.queue.add("ann");
    world.queue.gate = Promise.reject(new Error("redis://user:secret@10.0.0.7 is away"));
    world.queue.gate.catch(() => {});
    const answer = await ask(client, "subscribe", { id: job.id });
    expect(answer).toMatchObject({ ok: false, error: { code: "internal_error" } });
    expect(JSON.stringify(answer)).not.toContain("secret");
  });

  it("takes 64 subscriptions and mutes a socket", async () => {
    world = await createWorld({
      deps: {
        limits: { eventsPerSecond: 1e6, eventBurst: 1e6, subscriptionsPerSocket: 64, socketsPerPrincipal: 8 },
      },
    });
    const { client } = await connect();
    const ids = Array.from({ length: 64 }, (_, place) => `request-${place}`);
    const answers = await Promise.all(ids.map((id) => ask(client, "subscribe", { client_request_id: id })));
    expect(answers.every(({ ok }) => ok)).toBe(true);

    const job = world.queue.add("ann", { clientRequestId: "request-0" });
    const tooMany = { ok: false, error: { code: "too_many_subscriptions" } };
    expect(await ask(client, "subscribe", { client_request_id: "one-more" })).toMatchObject(tooMany);
    expect(await ask(client, "subscribe", { id: job.id })).toMatchObject(tooMany);
    expect(await ask(client, "unsubscribe", { id: job.id })).toMatchObject(tooMany);
    expect(await ask(client, "subscribe", { client_request_id: "request-7" })).toMatchObject({ ok: true });

    // A mute takes the place of its subscription, and ends with the job.
    world.queue.records.clear();
    expect(await ask(client, "unsubscribe", { client_request_id: "request-1" })).toMatchObject({ ok: true });
    expect(await ask(client, "subscribe", { client_request_id: "one-more" })).toMatchObject(tooMany);
    world.queue.add("ann", { clientRequestId: "request-1", status: "completed" });
    expect(await ask(client, "subscribe", { client_request_id: "one-more" })).toMatchObject({ ok: true });
  });
});

describe("unsubscribe", () => {
  it("mutes a job for this socket only, until it is subscribed to again", async () => {
    world = await createWorld();
    const [one, two] = [await connect(), await connect()];
    const job = world.queue.add("ann");
    await ask(one.client, "unsubscribe", { id: job.id });
    publish(world.queue.change(job.id));
    await settle(two.client);
    publish(world.queue.change(job.id));
    await Promise.all([settle(one.client), settle(two.client)]);
    expect(one.heard.map(({ seq }) => seq)).toEqual([1]);
    expect(two.heard.map(({ seq }) => seq)).toEqual([1, 2, 2, 3, 3]);

    expect(await ask(one.client, "subscribe", { id: job.id })).toMatchObject({
      ok: true,
      job: { id: job.id },
    });
    world.queue.change(job.id);
    await settle(one.client);
    expect(one.heard.map(({ event, seq }) => [event, seq])).toEqual([
      ["progress", 1],
      ["progress", 3],
      ["progress", 4],
    ]);
  });

  it("mutes by client request id, also before the job is there, until that job has ended", async () => {
    world = await createWorld();
    const { client, heard } = await connect();
    expect(await ask(client, "unsubscribe", { client_request_id: "mine" })).toEqual({ ok: true, job: null });
    const job = world.queue.add("ann", { clientRequestId: "mine" });
    world.queue.change(job.id, { status: "completed" });
    await settle(client);
    expect(heard).toEqual([]);
    const later = world.queue.add("ann", { clientRequestId: "mine" });
    await settle(client);
    expect(heard.map(({ id }) => id)).toEqual([later.id]);
  });

  it("keeps a second job of the same client request id muted when the first has ended", async () => {
    world = await createWorld();
    const { client, heard } = await connect();
    const [one, two] = [1, 2].map(() => world.queue.add("ann", { clientRequestId: "mine" }));
    if (one === undefined || two === undefined) throw new Error("no jobs");
    await ask(client, "unsubscribe", { client_request_id: "mine" });
    world.queue.change(one.id, { status: "completed" });
    world.queue.change(two.id);
    await settle(client);
    expect(heard.map(({ seq }) => seq)).toEqual([1, 1]);
  });

  it("lets the last word about a job count, by whichever name", async () => {
    world = await createWorld();
    const { client, heard } = await connect();
    const job = world.queue.add("ann", { clientRequestId: "mine" });
    const byId = { id: job.id };
    const byRequest = { client_request_id: "mine" };
    const hears = async () => {
      const before = heard.length;
      world.queue.change(job.id);
      await settle(client);
      return heard.length > before;
    };
    await ask(client, "unsubscribe", byRequest);
    expect(await hears()).toBe(false);
    await ask(client, "subscribe", byId);
    await settle(client);
    expect(await hears()).toBe(true);
    await ask(client, "unsubscribe", byId);
    expect(await hears()).toBe(false);
    await ask(client, "subscribe", byRequest);
    await settle(client);
    expect(await hears()).toBe(true);
  });

  it("answers for ended, unknown and foreign jobs and keeps nothing of them", async () => {
    world = await createWorld();
    const { client } = await connect();
    const before = roomsOf(client);
    const ended = world.queue.add("ann", { status: "failed" });
    const foreign = world.queue.add("bob");
    expect(await ask(client, "unsubscribe", { id: ended.id })).toMatchObject({
      ok: true,
      job: { id: ended.id },
    });
    expect(await ask(client, "unsubscribe", { id: foreign.id })).toEqual({ ok: true, job: null });
    expect(await ask(client, "unsubscribe", { id: "unknown" })).toEqual({ ok: true, job: null });
    expect(roomsOf(client)).toEqual(before);
  });
});

describe("cancel", () => {
  it("stops the caller's own job and answers with what became of it", async () => {
    world = await createWorld();
    const { client } = await connect();
    const job = world.queue.add("ann");
    expect(await ask(client, "cancel", { id: job.id })).toMatchObject({
      ok: true,
      job: { id: job.id, status: "cancelled" },
    });
    const done = world.queue.add("ann", { status: "completed" });
    expect(await ask(client, "cancel", { id: done.id })).toMatchObject({
      ok: true,
      job: { status: "completed" },
    });
  });

  it("does not touch a foreign job", async () => {
    world = await createWorld();
    const { client } = await connect();
    const job = world.queue.add("bob");
    expect(await ask(client, "cancel", { id: job.id })).toEqual({ ok: true, job: null });
    expect(world.queue.records.get(job.id)?.status).toBe("in_progress");
  });
});

describe("an anonymous socket", () => {
  it("hears nothing by itself", async () => {
    world = await createWorld({ authenticate: false });
    addAnonymous();
    const { client, heard } = await connect({});
    publish(addAnonymous({ clientRequestId: LONG }));
    await settle(client);
    expect(heard).toEqual([]);
  });

  it("hears a job by its id, pictures included", async () => {
    world = await createWorld({ authenticate: false });
    const { client, heard } = await connect({});
    const job = addAnonymous();
    addAnonymous();
    expect(await ask(client, "subscribe", { id: job.id })).toMatchObject({ ok: true, job: { id: job.id } });
    publish(world.queue.change(job.id));
    await settle(client);
    expect(heard).toMatchObject([
      { event: "progress", id: job.id, seq: 1 },
      { event: "progress", id: job.id, seq: 2 },
      { event: "preview", id: job.id, seq: 2 },
    ]);
    await ask(client, "unsubscribe", { id: job.id });
    world.queue.change(job.id);
    await settle(client);
    expect(heard).toHaveLength(3);
  });

  it("hears the jobs of a long client request id, before they are there", async () => {
    world = await createWorld({ authenticate: false });
    const { client, heard } = await connect({});
    expect(await ask(client, "subscribe", { client_request_id: LONG })).toEqual({ ok: true, job: null });
    const job = addAnonymous({ clientRequestId: LONG });
    addAnonymous({ clientRequestId: `${LONG}0` });
    await settle(client);
    expect(heard.map(({ id }) => id)).toEqual([job.id]);
    expect(await ask(client, "unsubscribe", { client_request_id: LONG })).toMatchObject({
      ok: true,
      job: { id: job.id },
    });
    world.queue.change(job.id, { status: "completed" });
    await settle(client);
    expect(heard.map(({ id }) => id)).toEqual([job.id]);
    expect(roomsOf(client)).toEqual([client.id]);
  });

  it("is refused a client request id that could be guessed", async () => {
    world = await createWorld({ authenticate: false });
    const { client } = await connect({});
    expect(await ask(client, "subscribe", { client_request_id: LONG.slice(1) })).toMatchObject({
      ok: false,
      error: { code: "invalid_value", param: "client_request_id" },
    });
    expect(roomsOf(client)).toEqual([client.id]);
  });

  it("is told how a job ended that ended while it subscribed", async () => {
    world = await createWorld({ authenticate: false });
    const { client, heard } = await connect({});
    const job = addAnonymous();
    let release: () => void = () => {};
    world.queue.gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reading = jest.spyOn(world.queue, "get");
    const answer = ask(client, "subscribe", { id: job.id });
    while (reading.mock.calls.length === 0) await new Promise(setImmediate);
    world.queue.gate = Promise.resolve();
    world.queue.change(job.id, { status: "completed" });
    release();
    expect(await answer).toMatchObject({ ok: true, job: { status: "completed" } });
    await settle(client);
    expect(heard).toMatchObject([{ event: "progress", status: "completed", seq: 2 }]);
    expect(roomsOf(client)).toEqual([client.id]);
  });
});
