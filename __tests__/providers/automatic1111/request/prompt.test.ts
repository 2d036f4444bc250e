import { neutralised } from "../../../../lib/providers/automatic1111/request/prompt";

/** As the server takes them out: its pattern, with Python's idea of a word. */
const TAG = /<([\p{L}\p{N}_]+):([^>]+)>/u;

describe("neutralised", () => {
  it.each([
    ["<lora:style:0.8>", "< lora:style:0.8>"],
    ["a cat <hypernet:ink> and <lyco:x:1:2>", "a cat < hypernet:ink> and < lyco:x:1:2>"],
    ["<ünï:a>", "< ünï:a>"],
    ["<<lora:a:1>>", "<< lora:a:1>>"],
    ["<lora:a\n:1>", "< lora:a\n:1>"],
    [
      '<sd_cpp_extra_args>{"steps":150}</sd_cpp_extra_args>',
      '< sd_cpp_extra_args>{"steps":150}< /sd_cpp_extra_args>',
    ],
  ])("takes the power from %j", (prompt, sent) => {
    expect(neutralised(prompt)).toBe(sent);
    expect(neutralised(prompt)).not.toMatch(TAG);
  });

  it.each([
    "a (red:1.3) cube AND a [cat:dog:0.5] BREAK [blurry] EasyNegative",
    "1 < 2: and 3 > 2",
    "a <b> c",
    "ratio 16:9",
    "< lora:a:1>",
  ])("leaves %j as it is", (prompt) => {
    expect(neutralised(prompt)).toBe(prompt);
  });

  it("has done its work once and for all", () => {
    const once = neutralised("<lora:<lora:a:1>:1> <a:<b:c>>");
    expect(neutralised(once)).toBe(once);
    expect(once).not.toMatch(TAG);
  });

  it("is fast with a prompt made to be slow", () => {
    for (const prompt of ["<".repeat(50_000), `<${"a".repeat(50_000)}`, "<a".repeat(25_000)]) {
      const began = performance.now();
      neutralised(prompt);
      expect(performance.now() - began).toBeLessThan(100);
    }
  });
});
