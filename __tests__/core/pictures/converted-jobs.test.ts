import { newId } from "../../../lib/internal/ids";
import type { ImageConverter } from "../../../lib/ports";
import { picture, scriptedProvider } from "../../support/scripted-provider";
import { type Bench, createBench } from "../bench";

let bench: Bench;
afterEach(() => bench.close());

it("are converted by their plan alone, in whatever process they run", async () => {
  const jpeg = await picture({ format: "jpeg" });
  const converter: ImageConverter = { formats: () => ["jpeg"], convert: async () => jpeg };
  const rules = { strict: false, promptChars: undefined, converter };
  bench = createBench([scriptedProvider(undefined, { limits: { formats: ["png"] } })], { rules, converter });
  const here = await bench.run({ outputFormat: "jpeg", outputCompression: 20 });
  expect(here.plan.convert).toEqual({ format: "jpeg", compression: 20 });

  // As another process would have admitted it: nothing of it is known here but its record.
  const { owner, limitKey, requestId, request, responseFormat, provider, plan, warnings } = JSON.parse(
    JSON.stringify(here),
  );
  const id = newId("imgjob_");
  await bench.queue.submit(
    { id, owner, limitKey, requestId, request, responseFormat, provider, plan, warnings },
    { limits: { running: 4, queued: 4 }, startBy: Date.now() + 60_000 },
  );
  const there = await bench.ended(id);
  expect([here, there].map(({ images }) => images[0]?.contentType)).toEqual(["image/jpeg", "image/jpeg"]);
});
