import { ask, createWorld, listen, NAMESPACE, next, type World } from "./harness";

let world: World;
afterEach(() => world.close());

const connect = async (name: string, auth: object = {}) => {
  const client = world.client({ auth: { token: `token:${name}`, ...auth } });
  const heard = listen(client);
  await next(client, "connect");
  return { client, heard };
};

const jobRoomsLeft = () =>
  [...world.io.of(NAMESPACE).adapter.rooms.keys()].filter((room) =>
    /^images:(no-)?(previews|progress):/.test(room),
  );

const preview = (job: { id: string; owner: string; clientRequestId?: string }, seq: number) => ({
  job,
  seq,
  imageIndex: 1,
  contentType: "image/jpeg",
  bytes: new Uint8Array([0, 0xff, 0xd8, seq]).subarray(1),
});

describe("progress", () => {
  it("reaches every socket of the job's principal as the job object with its seq", async () => {
    world = await createWorld();
    const [one, two] = [await connect("ann"), await connect("ann")];
    const both = Promise.all([next(one.client, "progress"), next(two.client, "progress")]);
    const job = world.queue.add("ann", { clientRequestId: "mine", progress: 12, phase: "sampling" });
    const [[first], [second]] = await both;
    expect(second).toEqual(first);
    expect(first).toMatchObject({
      id: job.id,
      object: "image.job",
      status: "in_progress",
      progress: 12,
      phase: "sampling",
      client_request_id: "mine",
      result: null,
      seq: 1,
    });
    expect(JSON.stringify(first)).not.toContain("prompt");
  });

  it("is heard by nobody else, whatever client request ids they share", async () => {
    world = await createWorld();
    const [ann, bob] = [await connect("ann"), await connect("bob")];
    const subscribed = await Promise.all(
      [ann, bob].map(({ client }) => ask(client, "subscribe", { client_request_id: "shared" })),
    );
    expect(subscribed).toEqual([
      { ok: true, job: null },
      { ok: true, job: null },
    ]);

    const marks = Promise.all([next(ann.client, "progress"), next(bob.client, "preview")]);
    const hers = world.queue.add("ann", { clientRequestId: "shared" });
    world.deps.previews.publish(preview(hers, 2));
    const his = world.queue.add("bob", { clientRequestId: "shared" });
    world.deps.previews.publish(preview(his, 2));
    await marks;
    expect(new Set(ann.heard.map(({ id }) => id))).toEqual(new Set([hers.id]));
    expect(bob.heard.map(({ event, id }) => [event, id])).toEqual([
      ["progress", his.id],
      ["preview", his.id],
    ]);
  });

  it("starts with a snapshot of each live job of the principal", async () => {
    world = await createWorld();
    world.queue.add("bob");
    world.queue.add("ann", { status: "completed" });
    const live = Array.from({ length: 60 }, () => world.queue.add("ann").id);
    const { client, heard } = await connect("ann");
    await ask(client, "cancel", { id: "unknown" });
    expect(heard.map(({ id }) => id).sort()).toEqual([...live].sort());
  });

  it("never shows an older snapshot after a newer event", async () => {
    world = await createWorld();
    const job = world.queue.add("ann");
    let release: () => void = () => {};
    world.queue.gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, heard } = await connect("ann");
    // The snapshot has been read by now, but is held back.
    expect(world.queue.reads).toBe(1);
    const newer = next(client, "progress");
    world.queue.change(job.id);
    await newer;
    release();
    await ask(client, "cancel", { id: "unknown" });
    const newest = next(client, "progress");
    world.queue.change(job.id);
    await newest;
    expect(heard.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it("does not repeat what a snapshot has shown already", async () => {
    world = await createWorld();
    const bystander = await connect("ann");
    const job = world.queue.add("ann");
    // A queue that travels: the record is there before its changes are reported.
    world.queue.records.set(job.id, { ...job, seq: 5 });
    const { client, heard } = await connect("ann");
    await ask(client, "cancel", { id: "unknown" });
    for (const seq of [4, 5]) world.queue.report({ ...job, seq });
    const last = Promise.all([next(client, "progress"), next(bystander.client, "progress")]);
    world.queue.change(job.id);
    await last;
    expect(heard.map(({ seq }) => seq)).toEqual([5, 6]);
    await ask(bystander.client, "cancel", { id: "unknown" });
    expect(bystander.heard.map(({ seq }) => seq)).toEqual([1, 4, 5, 6]);
  });

  it("leaves no room of a job behind when it has ended", async () => {
    world = await createWorld();
    const [one, two] = [await connect("ann"), await connect("ann")];
    const job = world.queue.add("ann", { clientRequestId: "mine" });
    await ask(one.client, "subscribe", { id: job.id, previews: false });
    await ask(two.client, "unsubscribe", { id: job.id });
    await ask(two.client, "unsubscribe", { client_request_id: "mine" });
    expect(jobRoomsLeft()).toHaveLength(4);
    const ended = next(one.client, "progress");
    world.queue.change(job.id, { status: "completed", progress: 100 });
    expect(await ended).toMatchObject([{ status: "completed" }]);
    expect(jobRoomsLeft()).toEqual([]);
  });

  it("survives an adapter that throws", async () => {
    world = await createWorld();
    const { client } = await connect("ann");
    const { adapter } = world.io.of(NAMESPACE);
    const broken = jest.spyOn(adapter, "broadcast").mockImplementation(() => {
      throw new Error("the adapter's connection is lost");
    });
    const job = world.queue.add("ann");
    world.deps.previews.publish(preview(job, 2));
    await new Promise(setImmediate);
    broken.mockRestore();
    const heard = next(client, "progress");
    world.queue.change(job.id, { seq: 3 });
    await heard;
    expect(world.errors).toHaveLength(2);
  });
});

describe("previews", () => {
  it("come with their bytes as a second argument", async () => {
    world = await createWorld();
    const { client } = await connect("ann");
    const job = world.queue.add("ann");
    const seen = next(client, "preview");
    world.deps.previews.publish(preview(job, 2));
    expect(await seen).toEqual([
      { id: job.id, seq: 2, image_index: 1, content_type: "image/jpeg" },
      Buffer.from([0xff, 0xd8, 2]),
    ]);
  });

  it("come also when a progress and other previews were sent in the same tick", async () => {
    world = await createWorld();
    const { client, heard } = await connect("ann");
    const job = world.queue.add("ann");
    for (const seq of [2, 3, 4]) world.deps.previews.publish(preview(job, seq));
    while (heard.length < 4) await next(client, "preview");
    expect(heard.map(({ event, seq }) => [event, seq])).toEqual([
      ["progress", 1],
      ["preview", 2],
      ["preview", 3],
      ["preview", 4],
    ]);
  });

  it("never come after the job's end", async () => {
    world = await createWorld();
    const { client, heard } = await connect("ann");
    const job = world.queue.add("ann");
    await ask(client, "cancel", { id: "unknown" });
    world.deps.previews.publish(preview(job, 2));
    world.queue.change(job.id, { seq: 3, status: "completed" });
    await new Promise(setImmediate);
    await ask(client, "cancel", { id: "unknown" });
    expect(heard.map(({ event, seq }) => [event, seq])).toEqual([
      ["progress", 1],
      ["preview", 2],
      ["progress", 3],
    ]);
  });

  it("are not sent to a socket that connected without them", async () => {
    world = await createWorld();
    const { client, heard } = await connect("ann", { previews: false });
    const job = world.queue.add("ann");
    world.deps.previews.publish(preview(job, 2));
    const mark = new Promise<void>((resolve) => {
      client.on("progress", ({ seq }) => {
        if (seq === 3) resolve();
      });
    });
    world.queue.change(job.id, { seq: 3 });
    await mark;
    expect(heard.map(({ event }) => event)).toEqual(["progress", "progress"]);
  });

  it("are wanted only while somebody would see them", async () => {
    world = await createWorld();
    const job = world.queue.add("ann", { clientRequestId: "mine" });
    const { previews } = world.deps;
    expect(previews.wanted(job)).toBe(false);

    const { client } = await connect("ann", { previews: false });
    await connect("bob");
    expect(previews.wanted(job)).toBe(false);
    await ask(client, "subscribe", { client_request_id: "mine", previews: true });
    expect(previews.wanted(job)).toBe(true);
    await ask(client, "unsubscribe", { id: job.id });
    expect(previews.wanted(job)).toBe(false);
    await ask(client, "subscribe", { id: job.id, previews: true });
    expect(previews.wanted(job)).toBe(true);

    const [serverSocket] = [...world.io.of(NAMESPACE).sockets.values()];
    if (serverSocket === undefined) throw new Error("no socket");
    const left = next(serverSocket, "disconnect");
    client.disconnect();
    await left;
    expect(previews.wanted(job)).toBe(false);
  });
});

describe("over two machines", () => {
  let far: World;
  afterEach(() => far.close());

  /** Joins two servers as an adapter with a message bus does: what one is told to do, both do to their own sockets. */
  function joinMachines(): void {
    const [one, two] = [world, far].map(({ io }) => io.of(NAMESPACE).adapter);
    if (one === undefined || two === undefined) throw new Error("no adapters");
    for (const name of ["broadcast", "delSockets", "disconnectSockets"] as const) {
      const both = [one[name].bind(one), two[name].bind(two)];
      for (const adapter of [one, two]) {
        // One that carries events to other machines extends Socket.IO's own.
        Object.setPrototypeOf(adapter, Object.create(Object.getPrototypeOf(adapter)));
        jest.spyOn(adapter, name).mockImplementation((what: unknown, how: unknown) => {
          for (const run of both) Reflect.apply(run, undefined, [what, how]);
        });
      }
    }
  }

  const connectFar = async (auth: object = {}) => {
    const client = far.client({ auth: { token: "token:ann", ...auth } });
    const heard = listen(client);
    await next(client, "connect");
    return { client, heard };
  };

  beforeEach(async () => {
    world = await createWorld();
    far = await createWorld({ deps: { jobs: world.deps.jobs } });
    joinMachines();
  });

  it("a socket hears the jobs of the other machine once, and no more once it has muted them", async () => {
    const { client, heard } = await connectFar();
    const muted = await connectFar();
    const job = world.queue.add("ann");
    world.deps.previews.publish(preview(job, 2));
    await next(client, "preview");
    await ask(muted.client, "unsubscribe", { id: job.id });
    const ended = next(client, "progress");
    world.queue.change(job.id, { seq: 3, status: "completed" });
    await ended;
    await Promise.all([client, muted.client].map((each) => ask(each, "cancel", { id: "unknown" })));
    const seqs = ({ heard }: Pick<typeof muted, "heard">) => heard.map(({ event, seq }) => [event, seq]);
    expect(seqs({ heard })).toEqual([
      ["progress", 1],
      ["preview", 2],
      ["progress", 3],
    ]);
    expect(seqs(muted)).toEqual([
      ["progress", 1],
      ["preview", 2],
    ]);
    const left = [...far.io.of(NAMESPACE).adapter.rooms.keys()];
    expect(left.filter((room) => /^images:(no-)?(previews|progress):/.test(room))).toEqual([]);
  });

  it("disconnectPrincipal reaches the sockets of the other machine", async () => {
    const { client } = await connectFar();
    const gone = Promise.all([next(client, "closing"), next(client, "disconnect")]);
    world.realtime.disconnectPrincipal("ann");
    expect(await gone).toMatchObject([[{ reason: "token_expired" }], ["io server disconnect"]]);
  });

  it("close lets the sockets of the other machine be", async () => {
    const { client } = await connectFar();
    world.realtime.close();
    expect(await ask(client, "cancel", { id: "unknown" })).toEqual({ ok: true, job: null });
  });
});
