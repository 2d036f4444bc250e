import { contextClient } from "../../lib/core/context-client";
import type { HttpRequest } from "../../lib/ports";

const request = { method: "GET", url: "http://127.0.0.1/", maxBytes: 1 } as const;

it("lets a request end with its context, unless it says when itself", async () => {
  const asked: HttpRequest[] = [];
  const { signal } = new AbortController();
  const own = new AbortController().signal;
  const http = contextClient(
    {
      async request(given) {
        asked.push(given);
        return { status: 200, headers: {}, body: (async function* () {})() };
      },
    },
    signal,
  );
  await http.request(request);
  await http.request({ ...request, signal: own });
  expect(asked).toEqual([
    { ...request, signal },
    { ...request, signal: own },
  ]);
  expect(asked.map((each) => each.signal)).toEqual([signal, own]);
});
