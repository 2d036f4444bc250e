import { createHash } from "node:crypto";

import fc from "fast-check";

import { PictureMeter } from "../../../../examples/bench/load/picture-meter";

const texts = ["aGVsbG8=", "", "d29ybGQh"];
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const answer = JSON.stringify({
  created: 1,
  data: texts.map((b64_json) => ({ b64_json, revised_prompt: '"b64' })),
});

it("measures and hashes each picture, however the answer is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (lengths) => {
      const meter = new PictureMeter(true);
      let at = 0;
      for (const length of [...lengths, answer.length]) {
        // A buffer that is used again: nothing of it may be kept.
        const piece = Buffer.from(answer.slice(at, at + length));
        meter.feed(piece);
        piece.fill("x");
        at += length;
      }
      expect(meter.pictures).toEqual(
        texts.map((text) => ({ textBytes: text.length, sha256: sha256(text), at: expect.any(Number) })),
      );
    }),
  );
});

it("does not count a picture that breaks off, nor hash when it need not", () => {
  const meter = new PictureMeter(false);
  meter.feed(Buffer.from('{"data":[{"b64_json":"aGk="},{"b64_json":"aG'));
  expect(meter.pictures).toEqual([{ textBytes: 4, sha256: undefined, at: expect.any(Number) }]);
});
