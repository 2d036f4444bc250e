import fc from "fast-check";

import { formParts } from "../../../lib/http/uploads/form-parts";
import { readForm } from "../../../lib/http/uploads/read-form";
import { editRequest } from "../../../lib/wire/request";
import { field, file, formBody, MULTIPART, type RawPart } from "../../support/forms";
import { taking } from "./taken";

const edit = editRequest({ images: 10 });

async function* inPieces(body: Buffer, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...new Set(places.map((place) => place % body.length))].sort((a, b) => a - b);
  for (const [at, start] of [0, ...ends].entries()) yield body.subarray(start, ends[at] ?? body.length);
}

/** The request that a form makes, and the bytes of its pictures. */
async function requestOf(body: Buffer, places: readonly number[]) {
  const { taken, take } = taking();
  const parts = formParts(inPieces(body, places), MULTIPART);
  const options = { ...edit, maxFieldBytes: 256 * 1024 };
  const { body: fields, ...given } = await readForm(parts, take, options);
  return { request: edit.parse(fields, given), taken };
}

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((array) => Buffer.from(array));

/** Fields as a client has them in mind, and as they are written. */
const fields = fc.record(
  {
    model: text,
    prompt: text,
    n: fc.integer({ min: 1, max: 10 }),
    size: fc.constantFrom("auto", "64x64"),
    output_compression: fc.integer({ min: 0, max: 100 }),
    stream: fc.boolean(),
    steps: fc.integer(),
    sampler: text.filter((drawn) => !/^(-?[\d.eE+]+|true|false)$/i.test(drawn)),
  },
  { requiredKeys: ["model", "prompt"] },
);

it("any valid form makes the same request, however it is cut and in whatever order its parts come", async () => {
  await fc.assert(
    fc.asyncProperty(
      fields,
      fc.array(bytes, { minLength: 1, maxLength: 4 }),
      fc.option(bytes, { nil: undefined }),
      fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      async (asked, images, mask, order, places) => {
        const others: RawPart[] = [
          ...Object.entries(asked).map(([name, value]) => field(name, String(value))),
          ...(mask === undefined ? [] : [file("mask", mask)]),
        ];
        const parts: RawPart[] = images.map((image, at) => file(at % 2 === 0 ? "image" : "image[]", image));
        // The pictures keep their order among themselves, which means something.
        for (const [at, part] of others.entries()) {
          parts.splice((order[at] ?? 0) % (parts.length + 1), 0, part);
        }
        const { request, taken } = await requestOf(formBody(parts), places);
        const { steps, sampler } = asked;
        expect(request).toMatchObject({
          op: "edit",
          model: asked.model,
          prompt: asked.prompt,
          n: asked.n ?? 1,
          ...(asked.size === "64x64" && { size: { width: 64, height: 64 } }),
          ...(asked.output_compression !== undefined && { outputCompression: asked.output_compression }),
          ...(asked.stream === true && { stream: { partialImages: 0 } }),
        });
        expect(request.unknown).toEqual({
          ...(steps !== undefined && { steps }),
          ...(sampler !== undefined && { sampler }),
        });
        expect(taken.filter(({ isMask }) => !isMask).map(({ content }) => content)).toEqual(images);
        expect(taken.find(({ isMask }) => isMask)?.content).toEqual(mask);
      },
    ),
    { numRuns: 400 },
  );
}, 60_000);
