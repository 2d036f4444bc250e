import fc from "fast-check";

import { AnswerReader } from "../../../../examples/bench/load/answer-reader";

/** Reads an answer in the given pieces. */
function read(pieces: readonly Buffer[]) {
  let body = "";
  const reader = new AnswerReader((piece) => {
    body += piece.toString("latin1");
  });
  const ends = pieces.map((piece) => reader.feed(piece));
  return { status: reader.status, body, ends };
}

const splitAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
};

const answers = {
  "with a length": "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
  "in chunks":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;more=1\r\nworld\r\n0\r\nx-late: 1\r\n\r\n",
};

it.each(Object.entries(answers))("reads an answer %s, however it is cut", (_, answer) => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (cuts) => {
      const { status, body, ends } = read(splitAt(Buffer.from(answer), cuts));
      expect({ status, body }).toEqual({ status: 200, body: "hello world" });
      expect(ends.at(-1)).toBe(true);
    }),
  );
});

it("knows that an answer has no body", () => {
  const { status, body, ends } = read([Buffer.from("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n")]);
  expect({ status, body, ends }).toEqual({ status: 503, body: "", ends: [true] });
});

it("has not read a short answer to its end", () => {
  expect(read([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell")]).ends).toEqual([false]);
});

it("refuses an answer whose end nobody tells, and bytes behind the end", () => {
  expect(() => read([Buffer.from("HTTP/1.1 200 OK\r\n\r\nhello")])).toThrow("how long its answer is");
  expect(() => read([Buffer.from(`${answers["with a length"]}!`)])).toThrow("more than its answer");
});
