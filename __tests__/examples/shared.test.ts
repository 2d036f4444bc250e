import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { shareOverRedis } from "../../examples/server/shared";

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  await once(server.close(), "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

it("tells of a Redis that cannot be reached once, by address and code, and never by its password", async () => {
  const warn = jest.fn();
  const logger = { debug() {}, info() {}, warn, error() {} };
  const port = await freePort();
  const redisUrl = `redis://me:secret@127.0.0.1:${port}`;
  const shared = shareOverRedis({ redisUrl, role: "web", concurrency: 1 }, logger);
  try {
    await pause(1_000);
    const told = warn.mock.calls.filter(([, message]) => String(message).includes("for events"));
    expect(told).toEqual([
      [{ redis: `127.0.0.1:${port}`, code: "ECONNREFUSED" }, "Redis cannot be reached for events"],
    ]);
    expect(JSON.stringify(warn.mock.calls)).not.toContain("secret");
  } finally {
    shared.close();
    await shared.jobs.close({ timeoutMs: 0 });
  }
});
