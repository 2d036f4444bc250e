import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import { Socket } from "node:net";

import { type Access, createAccess } from "../../../lib/core/callers/access";
import { knownCaller } from "../../../lib/core/callers/caller";
import type { Credentials, Principal } from "../../../lib/ports";
import { type LogLine, recordingLog, refusalOf } from "../bench";

const incoming: IncomingMessage = new http.IncomingMessage(new Socket());
const from = (more: Partial<Credentials> = {}): Credentials => ({
  token: "sk-ann",
  transport: "http",
  signal: new AbortController().signal,
  request: incoming,
  ...more,
});
const about = () => ({ signal: new AbortController().signal });
const ann = knownCaller({ id: "ann" });

let lines: LogLine[];

function access(hooks: { authenticate?: unknown; has?: unknown } = {}): Access<Principal> {
  const recording = recordingLog();
  lines = recording.lines;
  const { authenticate = () => ({ id: "ann" }), has = () => true } = hooks;
  const options = { identity: { authenticate }, capabilities: { has }, log: recording.log };
  // As a host without types calls it: what its hooks give is anything.
  return Reflect.apply(createAccess, undefined, [options]);
}

const fail = () => {
  throw new Error("db at postgres://user:sk-secret@10.0.0.1 is down");
};
const never = () => new Promise<never>(() => {});

afterEach(() => {
  jest.useRealTimers();
});

describe("identify", () => {
  it("knows the principal by digests only", async () => {
    const caller = await access().identify(from(), () => "127.0.0.1");
    expect(caller).toMatchObject({ principal: { id: "ann" }, anonymous: false });
    expect(caller.owner).toMatch(/^[\w-]{43}$/);
    expect(caller.limitKey).toBe(caller.owner);
    expect((await access().identify(from(), () => "10.9.8.7")).owner).toBe(caller.owner);
    const bob = access({ authenticate: () => ({ id: "bob" }) });
    expect((await bob.identify(from(), () => "127.0.0.1")).owner).not.toBe(caller.owner);
  });

  it("shows the authenticator what it was given, with a signal of its own", async () => {
    let seen: Credentials | undefined;
    const given = from({ transport: "socket" });
    await access({
      authenticate(credentials: Credentials) {
        seen = credentials;
        return { id: "ann" };
      },
    }).identify(given, () => "");
    expect(seen).toMatchObject({ token: "sk-ann", transport: "socket" });
    expect(seen?.request).toBe(given.request);
    expect(seen?.signal.aborted).toBe(false);
  });

  it.each([null, undefined])("answers 401 when the authenticator gives %s", async (nobody) => {
    const wrong = await refusalOf(() =>
      access({ authenticate: async () => nobody }).identify(from(), () => ""),
    );
    expect(wrong).toMatchObject({ code: "invalid_api_key", status: 401 });
    const { token: _, ...without } = from();
    const none = await refusalOf(() => access({ authenticate: () => nobody }).identify(without, () => ""));
    expect(none.message).toMatch(/No API key/);
  });

  it.each([
    ["throws", fail],
    ["rejects", async () => fail()],
    ["rejects with nothing", () => Promise.reject()],
  ])("answers 503 and logs no secret when the authenticator %s", async (_name, authenticate) => {
    const refusal = await refusalOf(() => access({ authenticate }).identify(from(), () => ""));
    expect(refusal).toMatchObject({ code: "auth_unavailable", status: 503, retry: true });
    expect(lines).toMatchObject([
      { level: "error", about: { hook: "authenticate" } },
      { level: "debug", about: { hook: "authenticate", text: expect.any(String) } },
    ]);
    expect(JSON.stringify([lines, refusal.body])).not.toMatch(/secret|postgres|10\.0/);
  });

  it("logs no token, should the authenticator say it", async () => {
    const authenticate = ({ token = "" }) => {
      throw new Error(`nobody has the key ${token} here`);
    };
    await refusalOf(() => access({ authenticate }).identify({ ...from(), token: "plain words" }, () => ""));
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain("plain words");
  });

  it.each([
    ["no id", {}],
    ["an empty id", { id: "" }],
    ["a number for an id", { id: 5 }],
    ["an id of 513 characters", { id: "x".repeat(513) }],
    ["a bare text", "ann"],
    ["true", true],
    ["a text for expiresAt", { id: "ann", expiresAt: "2999-01-01" }],
    ["an invalid expiresAt", { id: "ann", expiresAt: new Date("whenever") }],
  ])("answers 503, not access, for a principal with %s", async (_name, principal) => {
    const refusal = await refusalOf(() =>
      access({ authenticate: () => principal }).identify(from(), () => ""),
    );
    expect(refusal.code).toBe("auth_unavailable");
    expect(lines).toMatchObject([{ level: "error" }]);
  });

  it("refuses credentials from the moment at which they expire", async () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const until = (at: number) => access({ authenticate: () => ({ id: "ann", expiresAt: new Date(at) }) });
    expect((await until(1_000_001).identify(from(), () => "")).principal.id).toBe("ann");
    expect(await refusalOf(() => until(1_000_000).identify(from(), () => ""))).toMatchObject({
      code: "invalid_api_key",
      message: "The credentials have expired.",
    });
  });

  it("waits ten seconds for a silent authenticator, and tells it when they are over", async () => {
    jest.useFakeTimers();
    let signal: AbortSignal | undefined;
    const silent = access({
      authenticate(given: Credentials) {
        signal = given.signal;
        return never();
      },
    });
    const refused = refusalOf(() => silent.identify(from(), () => ""));
    await jest.advanceTimersByTimeAsync(9_999);
    expect(signal?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await refused).toMatchObject({ code: "auth_unavailable" });
    expect(signal?.aborted).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("does not blame the hook when the caller has gone", async () => {
    const gone = new AbortController();
    const refused = refusalOf(() =>
      access({ authenticate: never }).identify(from({ signal: gone.signal }), () => ""),
    );
    gone.abort(new Error("gone"));
    expect((await refused).code).toBe("auth_unavailable");
    expect(lines).toEqual([]);
  });

  it("gives every anonymous request a principal of its own, and counts by address", async () => {
    const { log } = recordingLog();
    const open = createAccess<Principal>({
      identity: { anonymous: (id) => ({ id }) },
      capabilities: { has: () => true },
      log,
    });
    const one = await open.identify(from(), () => "10.0.0.1");
    const two = await open.identify(from(), () => "10.0.0.1");
    const three = await open.identify(from(), () => "10.0.0.2");
    expect(one).toMatchObject({ anonymous: true, owner: two.owner, limitKey: two.limitKey });
    expect(one.principal.id).not.toBe(two.principal.id);
    expect(three.limitKey).not.toBe(one.limitKey);
    expect(one.limitKey).not.toContain("10.0.0.1");
  });
});

describe("require", () => {
  it("asks for the capability 'images' with what is known of the request", async () => {
    const has = jest.fn((..._: unknown[]) => true);
    await access({ has }).require(ann, { op: "generate", model: "m", ...about() });
    expect(has).toHaveBeenCalledTimes(1);
    expect(has.mock.calls[0]?.slice(0, 2)).toEqual([{ id: "ann" }, "images"]);
    expect(has.mock.calls[0]?.[2]).toMatchObject({ op: "generate", model: "m" });
  });

  it.each([false, undefined, null, 1, "true", {}, []])(
    "denies when the resolver gives %j",
    async (answer) => {
      const refusal = await refusalOf(() => access({ has: async () => answer }).require(ann, about()));
      expect(refusal).toMatchObject({ code: "missing_capability", status: 403, param: null });
    },
  );

  it("names the model as what is missing when it is known", async () => {
    const refusal = await refusalOf(() =>
      access({ has: () => false }).require(ann, { model: "m", ...about() }),
    );
    expect(refusal.param).toBe("model");
  });

  it.each([
    ["throws", fail],
    ["rejects", async () => fail()],
  ])("denies with 503 when the resolver %s", async (_name, has) => {
    expect(await refusalOf(() => access({ has }).require(ann, about()))).toMatchObject({
      code: "auth_unavailable",
    });
    expect(JSON.stringify(lines)).not.toMatch(/secret|postgres/);
  });

  it("denies with 503 when the resolver is silent for ten seconds", async () => {
    jest.useFakeTimers();
    const refused = refusalOf(() => access({ has: never }).require(ann, about()));
    await jest.advanceTimersByTimeAsync(10_000);
    expect((await refused).code).toBe("auth_unavailable");
  });
});
