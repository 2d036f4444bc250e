import fc from "fast-check";

import { anyBody, packedBody, validBody } from "./bodies";
import { drawn, PATIENCE } from "./runs";
import { type Answer, expectSound, type Sent, startTarget, type Target } from "./target";

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());
afterEach(() => target.expectUnharmed());

const JSON_HEADERS = { authorization: "Bearer sk-ann", "content-type": "application/json" };

const post = (body: Buffer | string, headers: Sent["headers"] = {}): Sent => ({
  method: "POST",
  path: "/v1/images/generations",
  headers: { ...JSON_HEADERS, ...headers },
  body,
});

/** Sends a body and checks that the providers were asked for exactly the pictures that came back, and for none by an error. */
async function exchange(sent: Sent): Promise<Answer> {
  const before = target.calls.length;
  const answer = await target.send(sent);
  expectSound(answer, sent);
  const calls = target.calls.slice(before);
  const images = calls.reduce((sum, { n }) => sum + n, 0);
  expect(images).toBe(answer.status === 200 ? JSON.parse(answer.body).data.length : 0);
  return answer;
}

it(
  "answers every kind of valid body with pictures, so that the properties below do not pass by refusing all",
  () =>
    fc.assert(
      fc.asyncProperty(validBody, async (body) => {
        expect((await exchange(post(body))).status).toBe(200);
      }),
      drawn(50),
    ),
  PATIENCE,
);

it(
  "answers any body with pictures or with an error that is the caller's",
  async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        expect((await exchange(post(body))).by).toBe("router");
      }),
      drawn(700),
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  },
  PATIENCE,
);

it(
  "answers any body in any content encoding with pictures or with an error that is the caller's",
  () =>
    fc.assert(
      fc.asyncProperty(packedBody, async ({ packed, declared }) => {
        await exchange(post(packed, { "content-encoding": declared }));
      }),
      drawn(150),
    ),
  PATIENCE,
);
