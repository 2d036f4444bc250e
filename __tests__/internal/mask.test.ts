import fc from "fast-check";

import { mask } from "../../lib/internal/mask";

describe("mask", () => {
  it.each([
    ["a bearer token", "Authorization: Bearer abc.def-123", ["abc.def"]],
    ["a basic credential", "sent Basic dXNlcjpwYXNz", ["dXNl"]],
    ["a key of OpenAI's form", "Incorrect API key provided: sk-proj-a1B2c3D4. Find it", ["a1B2"]],
    ["a key after a colon", "api_key: hunter2 is wrong", ["hunter2"]],
    ["a key in JSON", '{"token":"hunter2"}', ["hunter2"]],
    ["a long token", "id 9f8e7d6c5b4a39281706f5e4 failed", ["9f8e7d6c"]],
    ["a UUID", "Team: 0f3c2b1a-1111-2222-3333-444455556666", ["0f3c2b1a"]],
    ["base64 without digits", "AbCdEfGhIjKlMnOpQrStUvWxYz", ["AbCdEf"]],
    ["a URL", "GET https://u:p@gpu-1.corp.example:8443/v1?k=s failed", ["gpu-1", "8443", "k=s", "u:p"]],
    ["an IPv4 address", "dial tcp 10.1.2.3:5432: refused", ["10.1.2.3", "5432"]],
    ["an IPv6 address", "dial [fd00::12]:80 and fe80::1 and ::ffff:10.0.0.1", ["fd00", "fe80", "10.0.0.1"]],
    ["a host with its port", "lookup gpu-box:7860 failed", ["gpu-box"]],
    ["a qualified name", "lookup gpu.cluster.local: no such host", ["gpu.cluster"]],
    ["a mail address", "contact ops.team@example.org now", ["ops.team", "example"]],
    ["a POSIX path", "open /srv/models/sd.safetensors: denied", ["srv", "safetensors"]],
    ["a home path", "open ~/models/x", ["models"]],
    ["a Windows path", "open C:\\Users\\me\\model.ckpt", ["Users"]],
    ["a network path", "open \\\\nas\\models\\x", ["nas"]],
    ["picture data", "got data:image/png;base64,iVBORw0KGgo=", ["iVBOR"]],
  ])("hides %s", (_name, text, hidden) => {
    const shown = mask(text);
    for (const each of hidden) expect(shown).not.toContain(each);
  });

  it.each([
    "prompt required",
    "invalid output_format, must be one of [png, jpeg]",
    "Unknown parameter: 'response_format'.",
    "size must be one of 1024x1024, 1536x1024 or auto",
    "aspect ratio 16:10 is not supported, use 16:9 and/or 1:1",
    "image_generation_user_error: content_policy_violation",
    "Your request was rejected by our safety system. ResponsibleAIPolicyViolation",
    "gpt-image-1.5 takes at most 10 images",
  ])("leaves %j alone", (text) => {
    expect(mask(text)).toBe(text);
  });

  it("hides the secrets it is given in any case, and through control characters", () => {
    expect(mask("KEY hUnTeR2 and hunter2", ["hunter2"])).toBe("KEY [redacted] and [redacted]");
    expect(mask("my\u0000secret\u200bphrase", ["my secret phrase"])).toBe("[redacted]");
    expect(mask("a+b(c)* is a regular expression", ["a+b(c)*"])).toBe("[redacted] is a regular expression");
  });

  it("does not tear words apart for a secret of a letter or two", () => {
    expect(mask("a picture", ["a", "", "ic"])).toBe("a picture");
  });

  it("makes one line of at most 300 characters without control characters", () => {
    expect(mask(" a\r\n\u001b[31mb\u2028c\u202e  d ")).toBe("a [31mb c d");
    const shown = mask("word ".repeat(1_000));
    expect(shown).toHaveLength(300);
    expect(shown.endsWith("…")).toBe(true);
    expect(mask("😀".repeat(400)).isWellFormed()).toBe(true);
  });

  it("takes no time over any text", () => {
    const texts = [
      "a1.",
      "aa.",
      "1.",
      ":",
      "a:",
      "/a",
      "\\",
      "A",
      "a@",
      "a-",
      "sk-",
      "::1",
      " bearer",
      "https://a",
    ];
    const began = performance.now();
    for (const text of texts) {
      for (const length of [1_990, 64_000]) mask(text.repeat(length / text.length));
      mask(`${text.repeat(1_900 / text.length)} `.repeat(30));
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("never shows a known secret, whatever is around it", () => {
    const printable = fc.string({ minLength: 8, maxLength: 60 }).filter((text) => text.trim().length >= 8);
    fc.assert(
      fc.property(printable, fc.string(), fc.string(), (secret, before, after) => {
        const shown = mask(`${before}${secret}${after}`, [secret]);
        return shown.length <= 300 && !shown.includes(secret.replace(/\s+/g, " ").trim());
      }),
      { numRuns: 500 },
    );
  });

  it("never shows a seeded key that nobody told it of", () => {
    const key = fc.string({
      unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"),
      minLength: 24,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        key.filter((text) => /\d/.test(text)),
        fc.lorem(),
        fc.lorem(),
        (secret, before, after) => !mask(`${before} ${secret} ${after}`).includes(secret),
      ),
      { numRuns: 300 },
    );
  });
});
