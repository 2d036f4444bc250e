import fc from "fast-check";

import { warningsHeader } from "../../lib/wire/warnings-header";

/** RFC 8941 §3.1 and §3.3.3: a list of strings. */
const STRING = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"`;
const LIST = new RegExp(`^${STRING}(?:, ${STRING})*$`);

const itemsOf = (header: string): string[] =>
  [...header.matchAll(new RegExp(STRING, "g"))].map(([item]) =>
    decodeURIComponent(item.slice(1, -1).replace(/\\(["\\])/g, "$1")),
  );

describe("warningsHeader", () => {
  it("is absent without warnings", () => {
    expect(warningsHeader([])).toBeUndefined();
  });

  it("names the parameter before the message", () => {
    expect(warningsHeader([{ param: "style", message: "ignored" }, { message: "slow" }])).toBe(
      '"style: ignored", "slow"',
    );
  });

  it("escapes quotes and backslashes, and percent-encodes what is not printable ASCII", () => {
    expect(warningsHeader([{ message: 'a "b" \\ c' }])).toBe(String.raw`"a \"b\" \\ c"`);
    expect(warningsHeader([{ message: "100% ü😀\r\nx\x7f" }])).toBe('"100%25 %C3%BC%F0%9F%98%80%0D%0Ax%7F"');
  });

  it("carries at most eight", () => {
    const header = warningsHeader(Array.from({ length: 20 }, (_, index) => ({ message: `w${index}` })));
    expect(itemsOf(header ?? "")).toEqual(["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"]);
  });

  it("carries at most a kilobyte, whole items only", () => {
    const header = warningsHeader(Array.from({ length: 8 }, () => ({ message: "x".repeat(300) }))) ?? "";
    expect(itemsOf(header)).toHaveLength(3);
    expect(header.length).toBeLessThanOrEqual(1024);
  });

  it("is a valid list of at most a kilobyte whatever the warnings", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    const lone = fc.constantFrom("\ud800", "\udfff x", "%", '"', "\\");
    const warning = fc.record({ message: fc.oneof(text, lone) });
    fc.assert(
      fc.property(fc.array(warning, { maxLength: 12 }), (warnings) => {
        const header = warningsHeader(warnings);
        if (header === undefined) return;
        expect(header).toMatch(LIST);
        expect(header.length).toBeLessThanOrEqual(1024);
        const items = itemsOf(header);
        expect(items).toEqual(warnings.slice(0, items.length).map(({ message }) => message.toWellFormed()));
      }),
    );
  });
});
