import net from "node:net";

import { shareOverRedis } from "../../examples/server/shared";
import { freePort } from "../support/free-port";

it("tells of a Redis that cannot be reached once, by address and code, and never by its password", async () => {
  const warn = jest.fn();
  const logger = { debug() {}, info() {}, warn, error() {} };
  const port = await freePort();
  const redisUrl = `redis://me:secret@127.0.0.1:${port}`;
  const dialled = jest.spyOn(net, "createConnection");
  const shared = shareOverRedis({ redisUrl, role: "web", concurrency: 1 }, logger);
  try {
    // Each of the connections has tried again and again.
    while (dialled.mock.calls.length < 20) await new Promise((resolve) => setImmediate(resolve));
    const told = warn.mock.calls.filter(([, message]) => String(message).includes("for events"));
    expect(told).toEqual([
      [{ redis: `127.0.0.1:${port}`, code: "ECONNREFUSED" }, "Redis cannot be reached for events"],
    ]);
    expect(JSON.stringify(warn.mock.calls)).not.toContain("secret");
  } finally {
    dialled.mockRestore();
    shared.close();
    await shared.jobs.close({ timeoutMs: 0 });
  }
});
