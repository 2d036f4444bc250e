import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { standardWebhooks } from "express-image-gateway/webhooks";
import { Webhook } from "standardwebhooks";
import { signalled } from "../support/gate";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

interface Post {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A receiver that answers with one status after the other. */
class Receiver {
  readonly posts: Post[] = [];
  readonly server: Server;
  #news = signalled();

  constructor(...statuses: number[]) {
    this.server = createServer((req, res) => {
      void text(req).then((body) => {
        this.posts.push({ headers: req.headers, body });
        res.statusCode = statuses[this.posts.length - 1] ?? 204;
        res.setHeader("location", "/elsewhere");
        res.end();
        this.#news.resolve();
        this.#news = signalled();
      });
    });
  }

  async listen(): Promise<string> {
    await once(this.server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async posted(times: number): Promise<readonly Post[]> {
    while (this.posts.length < times) await this.#news.promise;
    return this.posts;
  }
}

let host: TestHost;
let receiver: Receiver;
let address: string;

async function start(
  setup: HostSetup["options"] = {},
  statuses: number[] = [],
  providers?: HostSetup["providers"],
) {
  receiver = new Receiver(...statuses);
  address = await receiver.listen();
  host = await startHost({
    ...(providers && { providers }),
    options: { webhooks: standardWebhooks({ secret: SECRET }), webhookHosts: [address], ...setup },
  });
}
afterEach(async () => {
  jest.useRealTimers();
  await host.close();
  receiver.server.closeAllConnections();
  receiver.server.close();
});

const asked = (more: object = {}, headers: Record<string, string> = {}) =>
  generate(host, { ...PROMPT, webhook: `http://${address}/hook?for=ann`, ...more }, headers);

it("is told of the end of a job, signed as Standard Webhooks says", async () => {
  await start();
  const { id } = await jsonOf(await asked({}, { prefer: "respond-async" }));
  const [post] = await receiver.posted(1);
  const { headers, body } = post ?? { headers: {}, body: "" };
  const notice: unknown = new Webhook(SECRET).verify(body, {
    "webhook-id": String(headers["webhook-id"]),
    "webhook-timestamp": String(headers["webhook-timestamp"]),
    "webhook-signature": String(headers["webhook-signature"]),
  });
  expect(notice).toMatchObject({
    type: "image.job.completed",
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: { id, object: "image.job", status: "completed", progress: 100, result: null },
  });
  expect(headers["webhook-id"]).toBe(`msg_${id}`);
  expect(body).not.toContain(PROMPT.prompt);
});

it("is told of a failure, also of a job that somebody waits for", async () => {
  const provider = scriptedProvider(() => {
    throw new Error("broken");
  });
  await start({}, [], [provider]);
  expect((await asked()).status).toBe(502);
  const [post] = await receiver.posted(1);
  expect(JSON.parse(post?.body ?? "")).toMatchObject({
    type: "image.job.failed",
    data: { status: "failed" },
  });
});

it("is told again, with the same id, while it does not take it", async () => {
  await start({}, [500, 302, 200]);
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "performance"] });
  await asked({}, { prefer: "respond-async" });
  for (let times = 1; times <= 3; times += 1) {
    while (receiver.posts.length < times) {
      await jest.advanceTimersByTimeAsync(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(receiver.posts).toHaveLength(3);
  expect(new Set(receiver.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

it("is left alone once it has said that it is gone", async () => {
  await start({}, [410]);
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "performance"] });
  await asked({}, { prefer: "respond-async" });
  while (receiver.posts.length < 1) {
    await jest.advanceTimersByTimeAsync(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(receiver.posts).toHaveLength(1);
});

it("is not reached inside the host's network, unless the host names it", async () => {
  await start({ webhookHosts: [] });
  const answer = await asked();
  expect(answer.status).toBe(200);
  await host.close();
  expect(receiver.posts).toEqual([]);
  expect(host.log).toContainEqual(
    expect.objectContaining({ level: "warn", message: expect.stringContaining("webhookHosts") }),
  );
});

it.each([["ftp://example.com/"], ["/hook"], ["https://ann:secret@example.com/"], ["nonsense"]])(
  "refuses %s before anything is begun",
  async (webhook) => {
    const provider = scriptedProvider();
    await start({}, [], [provider]);
    const answer = await asked({ webhook });
    expect([answer.status, (await jsonOf(answer)).error.param]).toEqual([400, "webhook"]);
    expect(provider.calls).toEqual([]);
  },
);

it("is a field like any unknown one where the host does not want it", async () => {
  receiver = new Receiver();
  address = await receiver.listen();
  host = await startHost();
  const { warnings } = await jsonOf(await asked());
  expect(warnings).toEqual([
    { param: "webhook", message: expect.stringContaining("does not send webhooks") },
  ]);
  await host.close();
  expect(receiver.posts).toEqual([]);
});

it("needs a queue that can tell", () => {
  const { notify: _none, ...jobs } = memoryJobs();
  return expect(start({ jobs })).rejects.toThrow(/webhooks.*'notify'/s);
});
