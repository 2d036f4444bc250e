import fc from "fast-check";

import { anyBody, packedBody, validBody } from "./bodies";
import { drawn, PATIENCE } from "./runs";
import { type Answer, exchangePictures, type Sent, startTarget, type Target } from "./target";

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

const exchange = (sent: Sent): Promise<Answer> => exchangePictures(target, sent);

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
