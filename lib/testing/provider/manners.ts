import { equal, notEqual, ok } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

import { type HttpClient, HttpError } from "../../ports";
import type { Declare } from "./bench";

/** Where Node says that a request is made, by `node:http` and by `fetch`. */
const CHANNELS = ["http.client.request.start", "undici:request:create"] as const;

const unreachable: HttpClient = {
  request: () => Promise.reject(new HttpError("refused", "no", "no connection")),
};

/** Rules 9 and 10: what is told of models, and the way out. */
export function testManners({ always }: Declare): void {
  always("9. no two cards answer to one id, and none to an empty one", async (bench) => {
    const ids = bench.cards.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
    ok(!ids.includes(""), "an id is empty");
    equal(new Set(ids).size, ids.length, "two cards have one id");
  });

  always("9. run works where models was never asked", async (bench) => {
    const by = await bench.another();
    notEqual((await bench.deliver({ by })).pictures.length, 0);
  });

  always("9. run works though models has failed", async (bench) => {
    const by = await bench.another();
    const listing = (async () => by.models(bench.probe(unreachable)))();
    await bench.soon(
      "models",
      listing.catch(() => {}),
    );
    notEqual((await bench.deliver({ by })).pictures.length, 0);
  });

  always("10. HTTP goes through ctx.http", async (bench) => {
    const ours = new AsyncLocalStorage<true>();
    let requests = 0;
    const count = (message: unknown) => {
      if (ours.getStore() && !isUpgrade(message)) requests += 1;
    };
    bench.wire.meddle = unreachable.request;
    for (const channel of CHANNELS) subscribe(channel, count);
    try {
      const call = ours.run(true, () => bench.start());
      await bench.soon(
        "the end of the call",
        call.outcome.catch(() => {}),
      );
      // Node tells of a request when it has a socket for it.
      await new Promise(setImmediate);
    } finally {
      for (const channel of CHANNELS) unsubscribe(channel, count);
    }
    equal(requests, 0);
  });
}

/** A WebSocket begins as a request, and has no other way. */
function isUpgrade(message: unknown): boolean {
  if (typeof message !== "object" || message === null || !("request" in message)) return false;
  const { request } = message;
  if (typeof request !== "object" || request === null) return false;
  if ("getHeader" in request && typeof request.getHeader === "function") {
    return request.getHeader("upgrade") !== undefined;
  }
  return "upgrade" in request && Boolean(request.upgrade);
}
