import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import fc from "fast-check";

import { SECRETS } from "./target";

/** Names that lead somewhere on an object without members of its own. */
export const PROTOTYPE_NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "__defineGetter__",
  "__lookupSetter__",
  "isPrototypeOf",
  "length",
] as const;

const FIELDS = [
  "model",
  "prompt",
  "n",
  "size",
  "quality",
  "style",
  "response_format",
  "background",
  "moderation",
  "output_format",
  "output_compression",
  "stream",
  "partial_images",
  "user",
  "safety_identifier",
  "seed",
  "negative_prompt",
] as const;

/** Fields by which a body could try to choose the upstream or what it does. */
const STEERING = ["url", "api_base", "image_url", "webhook", "override_settings", "files", "deployment"];

export const prompt = fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => SECRETS.prompt + text);

export const SIZES = [
  ..."auto AUTO 8x8 1024x1024 0x0 1x1 16384x3906 16384x16384 16385x1 99999x99999 -1x5 1e3x1e3 x 8x".split(
    " ",
  ),
  "8X8",
  " 8x8",
  "8x8\n",
  "１０２４x1024",
  "1024×1024",
  "08x08",
  "8x8x8",
];

/** JSON numbers at the edges of what JSON, doubles, 32 bits and our limits know, and texts that only look like numbers. */
export const NUMBERS = [
  ..."0 -0 1 2 3 4 9 10 11 -1 1.0 1e0 1.5 1e1 10e-1 0.1e1 1e999 -1e999 1e-400 100 101 255".split(" "),
  ..."2147483647 2147483648 -2147483649 4294967296 9007199254740991 9007199254740992 9007199254740993".split(
    " ",
  ),
  ..."18446744073709551616 01 +1 .5 1. 0x10 NaN Infinity -Infinity 1_000 --1 1e 1n".split(" "),
];

const STRINGS = [
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u202e\\u2066\\ufeff"',
  '"\\r\\nX-Injected: 1"',
  '"\u2028\u2029"',
  '"😀👨‍👩‍👧‍👦é"',
  '"url"',
  '"b64_json"',
  '"auto"',
  '"hd"',
  '"test-model"',
  '"open-model"',
  '"narrow-model"',
  '"../../etc/passwd"',
  '"{{7*7}}#{7*7}<lora:x:1>"',
  '"http://127.0.0.1/"',
  '"\\x41"',
  "'single'",
  '"open',
];

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

const depths = fc.constantFrom(1, 31, 32, 33, 100, 20_000, 20_000);

const deep = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"a":', "}"], ['{"__proto__":', "}"], ["[{}, ", "]"]), depths)
  .map(([[open = "", close = ""], depth]) =>
    nested(open, close, depth).replaceAll(":}", ":1}").replaceAll(", ]", ",0]"),
  );

const unclosed = fc.constantFrom("[", '{"a":', "[{},").map((open) => open.repeat(20_000));

const long = fc
  .tuple(
    fc.constantFrom("a", "é", "😀", "\\u0041", "\\ud83d\\ude00", " "),
    fc.constantFrom(64, 65, 257, 513, 4_000, 4_001, 60_000),
  )
  .map(([unit, times]) => `"${unit.repeat(times)}"`);

const wide = fc
  .constantFrom(127, 128, 129, 2_000)
  .map((count) => `{${Array.from({ length: count }, (_, at) => `"k${at}":${at}`).join(",")}}`);

const prototypes = fc
  .tuple(
    fc.constantFrom(...PROTOTYPE_NAMES),
    fc.constantFrom("1", "null", '{"n":4}', '{"prototype":{"polluted":1}}'),
  )
  .map(([name, value]) => `{"${name}":${value},"polluted":true}`);

/** JSON, and what only looks like it. */
export const value: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 3, arbitrary: fc.constantFrom(...STRINGS) },
  { weight: 3, arbitrary: fc.constantFrom(...SIZES).map((size) => JSON.stringify(size)) },
  { weight: 2, arbitrary: fc.constantFrom("null", "true", "false", "[]", "{}", "undefined", "") },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: unclosed },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: wide },
  { weight: 1, arbitrary: prototypes },
);

export const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<string>(...FIELDS) },
  { weight: 2, arbitrary: fc.constantFrom<string>(...PROTOTYPE_NAMES, ...STEERING) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "\u0000", "\ud800", "a".repeat(5_000), "Model", "prompt ", "ｍodel"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);

/** The members of a JSON object as text, so that a name can come twice and a value can be no JSON at all. */
type Members = readonly (readonly [name: string, value: string])[];

export const written = (members: Members): string =>
  `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;

/** Nothing wrong with it. */
export const validBody = fc
  .record({
    model: fc.constantFrom("test-model", "open-model", "narrow-model"),
    prompt,
    n: fc.option(fc.integer({ min: 1, max: 10 }), { nil: null }),
    size: fc.constantFrom("auto", "8x8", null),
    response_format: fc.constantFrom("url", "b64_json", null),
    user: fc.constantFrom("somebody", null),
  })
  .map((body) => JSON.stringify(body));

/** A valid body in which one to three members were replaced, added, doubled or left out. */
const mutatedBody = fc
  .tuple(
    fc.constantFrom("test-model", "open-model", "narrow-model"),
    prompt,
    fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("add", "replace", "drop"),
    fc.boolean(),
  )
  .map(([model, text, changes, how, isFirst]) => {
    const changed = new Set(changes.map(([key]) => key));
    const base: Members = [
      ["model", JSON.stringify(model)],
      ["prompt", JSON.stringify(text)],
    ];
    const kept = how === "add" ? base : base.filter(([key]) => !changed.has(key));
    if (how === "drop") return written(kept);
    return written(isFirst ? [...changes, ...kept] : [...kept, ...changes]);
  });

/** Valid but for the prompt, which is a secret in whatever way it is wrong. */
const badPrompt = fc
  .tuple(
    prompt,
    fc.constantFrom("\ud800", "\udc00\ud800", "a".repeat(4_001), "😀".repeat(4_000), "\u0000"),
    fc.constantFrom("test-model", "narrow-model", "no-model"),
  )
  .map(([text, end, model]) => JSON.stringify({ model, prompt: text + end, negative_prompt: text + end }));

/** Valid but for a member that nobody knows, which is too deep or too wide for whoever walks through it. */
const monstrous = fc
  .tuple(fc.oneof(deep, wide), fc.constantFrom("test-model", "open-model"))
  .map(([text, model]) => `{"model":"${model}","prompt":"${SECRETS.prompt}","extra":${text}}`);

/** Text that was cut, spliced or given a rest. */
const tornBody = fc
  .tuple(
    validBody,
    fc.nat(200),
    fc.constantFrom("", "\u0000", "}", "{}", ",", "]", "\n\n", "//x", "\ufeff", "\u00a0"),
  )
  .map(
    ([body, at, insert]) =>
      body.slice(0, at % body.length) + insert + (at % 2 === 0 ? "" : body.slice(at % body.length)),
  );

const plainBody: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 8, arbitrary: mutatedBody },
    { weight: 2, arbitrary: tornBody },
    { weight: 1, arbitrary: badPrompt },
    { weight: 1, arbitrary: monstrous },
    { weight: 1, arbitrary: value },
    { weight: 1, arbitrary: validBody },
  )
  .map((text) => Buffer.from(text));

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

export const anyBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 12, arbitrary: plainBody },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: validBody.map((text) => Buffer.from(text, "utf16le")) },
  { weight: 1, arbitrary: validBody.map((text) => Buffer.from(`${text}é`, "latin1")) },
);

const PACK = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  identity: (body: Buffer) => body,
} as const;

const codings = fc.constantFrom("gzip", "deflate", "br", "identity");

/** A body with what its `Content-Encoding` says of it: true, false, doubled, cut or followed by more. */
export const packedBody = fc
  .tuple(plainBody, codings, codings, fc.constantFrom("whole", "whole", "cut", "more", "twice"))
  .map(([body, packing, declared, how]) => {
    const once = PACK[packing](body);
    const packed = {
      whole: once,
      cut: once.subarray(0, once.length >> 1),
      more: Buffer.concat([once, Buffer.from("more")]),
      twice: PACK[packing](once),
    }[how];
    return { packed, declared: packing === declared || packed.length % 2 === 0 ? packing : declared };
  });
