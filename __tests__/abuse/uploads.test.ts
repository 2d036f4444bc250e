import { memoryStore } from "express-image-gateway/stores/memory";
import fc from "fast-check";

import { watchedStore } from "../support/watched-store";
import { anyForm } from "./forms";
import { anyJson } from "./references";
import { drawn, PATIENCE } from "./runs";
import { type Answer, exchangePictures, startTarget, type Target } from "./target";
import { type Upload, validUpload } from "./uploads";

/** What is reserved for pictures that come with a request has no size beforehand. */
const given = watchedStore(memoryStore({ maxBytes: 1024 ** 3 }), ({ bytes }) => bytes === 0);

let target: Target;

beforeAll(async () => {
  target = await startTarget({ options: { store: given.store } });
});
afterAll(() => target.close());
afterEach(async () => {
  await target.expectUnharmed();
  expect(await given.remains()).toEqual([]);
});

const exchange = ({ route, type, body }: Upload): Promise<Answer> =>
  exchangePictures(target, {
    method: "POST",
    path: `/v1/images/${route}`,
    headers: { authorization: "Bearer sk-ann", "content-type": type },
    body,
  });

it(
  "answers every kind of valid upload with pictures, so that the properties below do not pass by refusing all",
  () =>
    fc.assert(
      fc.asyncProperty(validUpload, async (upload) => {
        expect((await exchange(upload)).status).toBe(200);
      }),
      drawn(40),
    ),
  PATIENCE,
);

it.each([
  ["form", anyForm],
  ["JSON", anyJson],
])(
  "answers any %s with pictures or with an error that is the caller's, and keeps nothing of it",
  async (_kind, uploads) => {
    await fc.assert(
      fc.asyncProperty(uploads, async (upload) => {
        expect((await exchange(upload)).by).toBe("router");
      }),
      drawn(250),
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  },
  PATIENCE,
);
