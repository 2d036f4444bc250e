import { AsyncLocalStorage } from "node:async_hooks";

import { generate, PRINCIPALS, PROMPT, startHost, type TestHost } from "../support/host";

let host: TestHost;
afterEach(() => host.close());

it("calls the host's hooks in the async context of their own request, however many come at once", async () => {
  const context = new AsyncLocalStorage<string>();
  const seen: (readonly [string | undefined, string | undefined])[] = [];
  host = await startHost({
    before: (app) => app.use((req, _res, next) => context.run(String(req.headers["x-number"]), next)),
    options: {
      authenticate: ({ request, token = "" }) => {
        seen.push([context.getStore(), String(request.headers["x-number"])]);
        return PRINCIPALS.get(token);
      },
    },
  });
  const numbers = Array.from({ length: 40 }, (_, number) => String(number));
  const answers = await Promise.all(
    numbers.map((number) =>
      generate(host, { ...PROMPT, response_format: "b64_json" }, { "x-number": number }),
    ),
  );
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
  expect(seen.map(([, number]) => Number(number)).sort((a, b) => a - b)).toEqual(numbers.map(Number));
  for (const [stored, number] of seen) expect(stored).toBe(number);
});

it("begins a request no sooner than the turn in which it arrived is over", async () => {
  let isOver = false;
  const seen: boolean[] = [];
  host = await startHost({
    before: (app) =>
      app.use((_req, _res, next) => {
        isOver = false;
        setImmediate(() => {
          isOver = true;
        });
        next();
      }),
    options: {
      authenticate: ({ token = "" }) => {
        seen.push(isOver);
        return PRINCIPALS.get(token);
      },
    },
  });
  const answer = await generate(host, { ...PROMPT, response_format: "b64_json" });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  expect(seen).toEqual([true]);
});
