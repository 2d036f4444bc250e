import { formatTrailer, parseTrailer, TRAILER_BYTES } from "../../../lib/stores/disk/trailer";

const trailer = {
  image: {
    key: "k".repeat(64),
    contentType: "image/avif" as const,
    bytes: Number.MAX_SAFE_INTEGER - TRAILER_BYTES,
    width: Number.MAX_SAFE_INTEGER,
    height: Number.MAX_SAFE_INTEGER,
    createdAt: Number.MAX_SAFE_INTEGER,
    expiresAt: -Number.MAX_VALUE,
  },
  owner: "o".repeat(43),
  hold: "f".repeat(32),
};

const changed = (from: string, to: string): Uint8Array =>
  Buffer.from(Buffer.from(formatTrailer(trailer)).toString("latin1").replace(from, to), "latin1");

describe("the trailer", () => {
  it("holds the longest facts in its fixed length", () => {
    const bytes = formatTrailer(trailer);
    expect(bytes).toHaveLength(TRAILER_BYTES);
    expect(parseTrailer(bytes, Number.MAX_SAFE_INTEGER)).toEqual(trailer);
  });

  it("belongs to no file of another length", () => {
    expect(parseTrailer(formatTrailer(trailer), Number.MAX_SAFE_INTEGER - 1)).toBeUndefined();
  });

  it.each([
    ["another format", "gateway/1", "gateway/2"],
    ["an unknown type", "image/avif", "image/tiff"],
    ["a width that is no number", '"width":9007199254740991', '"width":"07199254740991"'],
    ["an owner that is no text", `"${trailer.owner}"`, "1".padEnd(45)],
    ["broken JSON", "{", "["],
  ])("is none with %s", (_what, from, to) => {
    const bytes = changed(from, to);
    expect(bytes).toHaveLength(TRAILER_BYTES);
    expect(parseTrailer(bytes, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it.each(["null", "5", '"text"', "[]", ""])("is none where there is %j", (text) => {
    expect(parseTrailer(Buffer.from(text.padEnd(TRAILER_BYTES)), 10_000)).toBeUndefined();
  });
});
