import express, { type ErrorRequestHandler } from "express";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const KEY = { authorization: "Bearer sk-ann" };
const JOB = `imgjob_${"0".repeat(32)}`;
const FILE = "a".repeat(22);

const PATHS = [
  ["/images/generations", "POST"],
  ["/images/jobs", "GET, HEAD"],
  [`/images/jobs/${JOB}`, "GET, HEAD, DELETE"],
  [`/images/jobs/${JOB}/events`, "GET, HEAD"],
  [`/images/jobs/${JOB}/cancel`, "POST"],
  [`/images/files/${FILE}`, "GET, HEAD"],
  ["/models", "GET, HEAD"],
  ["/models/test-model", "GET, HEAD"],
] as const;

it.each(PATHS)("%s says which methods it takes to any other", async (path, allow) => {
  await start();
  const others = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !allow.includes(method));
  for (const method of others) {
    const answer = await fetch(`${host.url}/v1${path}`, { method, headers: KEY });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allow);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect((await jsonOf(answer)).error.code).toBe("method_not_allowed");
  }
});

it.each(PATHS)("%s leaves OPTIONS to the host", async (path) => {
  await start({
    after: (app) => app.use((req, res) => void res.status(204).set("x-host", req.method).end()),
  });
  const answer = await fetch(`${host.url}/v1${path}`, { method: "OPTIONS" });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("x-host")).toBe("OPTIONS");
  expect(answer.headers.get("x-request-id")).toBeNull();
});

it("leaves unknown paths and the host's own routes under the same mount alone", async () => {
  await start({
    before: (app) => app.get("/v1/before", (_req, res) => void res.send("before")),
    after: (app) => {
      app.get("/v1/after", (_req, res) => void res.send("after"));
      app.get("/v1/images", (_req, res) => void res.send("the host's images"));
      app.use((_req, res) => void res.status(418).send("the host's 404"));
    },
  });
  const text = async (path: string) => (await fetch(`${host.url}/v1${path}`)).text();
  expect(await text("/before")).toBe("before");
  expect(await text("/after")).toBe("after");
  expect(await text("/images")).toBe("the host's images");
  expect(await text("/images/other")).toBe("the host's 404");
  expect(await text("/images/jobs/a/b/c")).toBe("the host's 404");
  expect(await text("/%zz")).toBe("the host's 404");
});

it("keeps its errors from the host's error handler, and the host's from its own", async () => {
  const seen: unknown[] = [];
  const broken = new Error("the host's own");
  const handler: ErrorRequestHandler = (error, _req, res, _next) => {
    seen.push(error);
    res.status(599).send("the host's handler");
  };
  await start({
    before: (app) => {
      app.use("/v1/models", (req, _res, next) => next(req.query["break"] === undefined ? undefined : broken));
    },
    after: (app) => {
      app.get("/v1/after", () => {
        throw broken;
      });
      app.use(handler);
    },
  });
  expect((await generate(host, "{")).status).toBe(400);
  expect((await generate(host, PROMPT, { authorization: "" })).status).toBe(401);
  expect((await fetch(`${host.url}/v1/images/jobs/%zz`, { headers: KEY })).status).toBe(400);
  expect(seen).toEqual([]);
  expect((await fetch(`${host.url}/v1/after`)).status).toBe(599);
  expect((await fetch(`${host.url}/v1/models?break=1`)).status).toBe(599);
  expect(seen).toEqual([broken, broken]);
});

it("leaves both models routes to the host with `modelsRoute: false`", async () => {
  await start({
    options: { modelsRoute: false },
    after: (app) => app.use("/v1/models", (req, res) => void res.send(`host ${req.method}`)),
  });
  expect(await (await fetch(`${host.url}/v1/models`)).text()).toBe("host GET");
  expect(await (await fetch(`${host.url}/v1/models/x`, { method: "DELETE" })).text()).toBe("host DELETE");
});

it("works twice in one app, and below routers of the host", async () => {
  await start({
    mount: "/direct",
    after: (app) => {
      const nested = express.Router();
      nested.use("/ai/v1", (req, res, next) => host.images.router(req, res, next));
      app.use("/api", nested);
    },
  });
  const direct = await jsonOf(await generate(host, PROMPT, {}, "/direct"));
  expect(direct.data[0].url).toContain(`${host.url}/direct/images/files/`);
  const nested = await jsonOf(await generate(host, PROMPT, {}, "/api/ai/v1"));
  expect(nested.data[0].url).toContain(`${host.url}/api/ai/v1/images/files/`);
  expect((await fetch(nested.data[0].url)).status).toBe(200);
});

it("answers HEAD like GET, without the body", async () => {
  await start();
  const { headers } = await generate(host, { ...PROMPT, response_format: "b64_json" });
  const job = `/images/jobs/${headers.get("x-image-job-id")}`;
  for (const path of ["/models", "/models/test-model", "/images/jobs", job]) {
    const get = await fetch(`${host.url}/v1${path}`, { headers: KEY });
    const head = await fetch(`${host.url}/v1${path}`, { method: "HEAD", headers: KEY });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String((await get.arrayBuffer()).byteLength));
    expect(await head.text()).toBe("");
  }
  const refused = await fetch(`${host.url}/v1/models`, { method: "HEAD" });
  expect(refused.status).toBe(401);
  expect(await refused.text()).toBe("");
});

it("gives its own id to every answer, whatever a client or the host put there", async () => {
  await start({
    before: (app) =>
      app.use((_req, res, next) => {
        res.set("x-request-id", "the-hosts");
        next();
      }),
  });
  const answers = await Promise.all([
    generate(host, PROMPT, { "x-request-id": "req_client" }),
    generate(host, PROMPT),
    generate(host, "{"),
  ]);
  const ids = answers.map(({ headers }) => headers.get("x-request-id"));
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(3);
});
