import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";

import express, { type Request, type Response } from "express";

import { giveOneShape, inOneShape } from "../../lib/http/one-shape";

setFlagsFromString("--allow-natives-syntax");
const haveSameMap: (a: object, b: object) => boolean = runInThisContext("(a, b) => %HaveSameMap(a, b)");
// Compiled when it is first called.
haveSameMap({}, {});
setFlagsFromString("--no-allow-natives-syntax");

/** V8 watches the first objects of a kind before it settles how large they are. */
const FIRST = 20;

/** Two requests to the same Express application, as its handler gets them, at the same time; some have been there before. */
async function pair(
  work: (req: Request, res: Response) => void,
): Promise<readonly (readonly [Request, Response])[]> {
  const seen: [Request, Response][] = [];
  const app = express();
  app.use("/v1", (req, res) => {
    work(req, res);
    if (req.path === "/first") {
      res.end();
      return;
    }
    seen.push([req, res]);
    if (seen.length === 2) for (const [, each] of seen) each.end();
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}/v1/${path}`)).text();
  try {
    for (let count = 0; count < FIRST; count += 1) await get("first");
    await Promise.all([get("pair"), get("pair")]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return seen;
}

/** V8 forgets the shape of tables whenever it collects garbage: a pair that this happens between says nothing. */
const TRIES = 10;

const isNeeded = Number.parseInt(process.versions.v8, 10) < 13;

async function isShared(work: (req: Request, res: Response) => void): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [one, other] = await pair(work);
    if (one === undefined || other === undefined) throw new Error("no pair");
    if (haveSameMap(one[0], other[0]) && haveSameMap(one[1], other[1])) return true;
  }
  return false;
}

it("gives requests one shape, and responses one", async () => {
  expect(await isShared(giveOneShape)).toBe(true);
});

it("is needed where V8 forgets shapes: Express has given each a shape of its own", async () => {
  expect(await isShared(() => {})).toBe(!isNeeded);
});

it("leaves members alone that a host does not let go of, and heirs and wrappers of both", async () => {
  await pair((req, res) => {
    const heir: Request = Object.create(req);
    giveOneShape(heir, res);
    giveOneShape(new Proxy(req, {}), new Proxy(res, {}));
    expect([req.res, res.req, Object.hasOwn(heir, "res")]).toEqual([res, req, false]);
    Object.defineProperty(req, "res", { value: res, writable: false, configurable: false });
    Object.defineProperty(res, "req", { get: () => req, configurable: false });
    giveOneShape(req, res);
    expect([req.res, res.req]).toEqual([res, req]);
  });
});

it("leaves both as they were to look at", async () => {
  const looks: object[] = [];
  const [first] = await pair((req, res) => {
    looks.push({ ...req }, { ...res });
    giveOneShape(req, res);
    looks.push({ ...req }, { ...res });
  });
  expect(looks.slice(-2)).toEqual(looks.slice(-4, -2));
  expect(first?.[0].res).toBe(first?.[1]);
  expect(first?.[1].req).toBe(first?.[0]);
});

describe("a router", () => {
  const seenBy = (path: string) => {
    const seen = jest.fn();
    const router = inOneShape(express.Router(), path);
    router.get("/ours/:what", (req, _res, next) => {
      seen(req.params["what"], req.baseUrl);
      next();
    });
    return { router, seen };
  };

  it("is what it was, routes that are added to it later included", async () => {
    const { router, seen } = seenBy("/ours/");
    expect(router.name).toBe(express.Router().name);
    const app = express().use("/v1", router);
    router.get("/late", (_req, res) => void res.json({ late: true }));
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const late = await fetch(`http://127.0.0.1:${port}/v1/late`);
      expect(await late.json()).toEqual({ late: true });
      expect((await fetch(`http://127.0.0.1:${port}/v1/ours/cat`)).status).toBe(404);
      expect(seen.mock.calls).toEqual([["cat", "/v1"]]);
      router.stack = [];
      expect((await fetch(`http://127.0.0.1:${port}/v1/late`)).status).toBe(404);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("gives what comes under its path one shape, and leaves the rest as it is", async () => {
    const through = (path: string) => {
      const { router } = seenBy(path);
      return (req: Request, res: Response) => router(req, res, () => {});
    };
    expect(await isShared(through("/pair"))).toBe(true);
    expect(await isShared(through("/other"))).toBe(!isNeeded);
  });
});
