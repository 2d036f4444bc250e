import type { Received } from "../../../../examples/bench/load/connection";
import { judgeOf } from "../../../../examples/bench/load/verdict";
import { picturesOf, sha256 } from "../../../../examples/bench/pictures";
import { shapeOf } from "../../../../examples/bench/shapes";

const [small = Buffer.alloc(0)] = picturesOf("bench-small");
const text = small.toString("base64");
const picture = { textBytes: text.length, sha256: sha256(text), at: 0 };

const received = (more: Partial<Received>): Received => ({
  status: 200,
  pictures: [picture],
  start: "",
  sentAt: 0,
  firstByteAt: 0,
  ...more,
});

const judge = judgeOf(shapeOf("S", false));

it.each<[string, Partial<Received>, string | undefined]>([
  ["the right picture", {}, undefined],
  ["one that was not hashed", { pictures: [{ ...picture, sha256: undefined }] }, undefined],
  ["an error", { status: 500, start: '{"error":{"message":"No."}}' }, "answered 500: No."],
  ["a missing route", { status: 404 }, "is not there: answered 404"],
  ["no picture", { pictures: [] }, "0 pictures came"],
  ["a picture too many", { pictures: [picture, picture] }, "2 pictures came"],
  ["a short picture", { pictures: [{ ...picture, textBytes: 8 }] }, "picture 0 has 8 bytes of text"],
  ["another picture", { pictures: [{ ...picture, sha256: "0" }] }, "picture 0 is another"],
])("judges %s", (_, more, fault) => {
  expect(judge(received(more))).toBe(fault);
});

it("takes an address for the picture where one is asked for", () => {
  const judgeUrl = judgeOf(shapeOf("U", false));
  expect(judgeUrl(received({ start: '{"data":[{"url":"http://127.0.0.1/a"}]}' }))).toBeUndefined();
  expect(judgeUrl(received({ start: '{"data":[{"b64_json":"aGk="}]}' }))).toBe("gave no address");
});
