import fc from "fast-check";

import { parseSize } from "../../lib/wire/size";

describe("parseSize", () => {
  it("reads WIDTHxHEIGHT and auto", () => {
    expect(parseSize("1024x1536")).toEqual({ width: 1024, height: 1536 });
    expect(parseSize("auto")).toBe("auto");
    expect(parseSize("1x1")).toEqual({ width: 1, height: 1 });
    expect(parseSize("16384x3906")).toEqual({ width: 16_384, height: 3906 });
  });

  it.each([
    "",
    "AUTO",
    "1024",
    "1024x",
    "x1024",
    "0x1024",
    "1024x0",
    "01024x1024",
    "1024X1024",
    "1024×1024",
    " 1024x1024",
    "1024x1024\n",
    "-1x5",
    "1e3x5",
    "1.5x5",
    "1024x1024x1",
    "16385x1",
    "1x16385",
    "99999x99999",
    "١٠x١٠",
  ])("refuses %j", (text) => {
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: "invalid_size", param: "size" }));
  });

  it("refuses what would be paid for and then be too many pixels to take in", () => {
    expect(parseSize("8000x8000")).toEqual({ width: 8000, height: 8000 });
    expect(() => parseSize("8000x8001")).toThrow("64 megapixels");
  });

  it("never gives anything but two whole sides within the limits", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,6}x\d{1,6}$/)), (text) => {
        let size: ReturnType<typeof parseSize>;
        try {
          size = parseSize(text);
        } catch {
          return;
        }
        if (size === "auto") return;
        expect(`${size.width}x${size.height}`).toBe(text);
        expect(size.width * size.height).toBeLessThanOrEqual(64e6);
      }),
    );
  });
});
