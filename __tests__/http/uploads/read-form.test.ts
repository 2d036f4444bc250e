import type { FormPart } from "../../../lib/http/uploads/form-parts";
import { type FormOptions, readForm } from "../../../lib/http/uploads/read-form";
import { refusal, taking } from "./taken";

type Part = readonly [
  name: string | undefined,
  content: string | Uint8Array,
  fileName?: string | undefined,
  encoding?: string,
];

async function* partsOf(parts: readonly Part[]): AsyncGenerator<FormPart> {
  for (const [name, content, fileName, encoding = "7bit"] of parts) {
    async function* bytes() {
      const all = Buffer.from(content);
      yield all.subarray(0, 1);
      yield all.subarray(1);
    }
    yield { name, fileName, encoding, bytes: bytes() };
  }
}

const OPTIONS: FormOptions = {
  hasMask: true,
  maxFieldBytes: 1_000,
  fieldValue: (name, text) => (name === "n" ? Number(text) : text),
};

function read(parts: readonly Part[], options: Partial<FormOptions> = {}) {
  const { taken, take } = taking();
  return { taken, upload: readForm(partsOf(parts), take, { ...OPTIONS, ...options }) };
}

const refused = (parts: readonly Part[], options?: Partial<FormOptions>) =>
  refusal(read(parts, options).upload);

it("sorts fields and pictures by their names, in any order", async () => {
  const { taken, upload } = read([
    ["image", "first", "blob"],
    ["prompt", "a red cube"],
    ["mask", "the mask", "m.png"],
    ["n", "2"],
    ["image", "second", ""],
  ]);
  expect(await upload).toEqual({
    body: { prompt: "a red cube", n: 2 },
    inputs: {
      images: [expect.objectContaining({ name: "blob" }), expect.objectContaining({ name: "" })],
      mask: expect.objectContaining({ name: "m.png" }),
    },
    pictureField: "image",
  });
  expect(taken.map(({ param, isMask, content }) => [param, isMask, String(content)])).toEqual([
    ["image", false, "first"],
    ["mask", true, "the mask"],
    ["image", false, "second"],
  ]);
});

it.each(["7bit", "8bit", "binary"])("takes what is encoded as %s, which is not at all", async (encoding) => {
  const { upload } = read([
    ["prompt", "a red cube", undefined, encoding],
    ["image", "1", "a", encoding],
  ]);
  expect((await upload).body).toEqual({ prompt: "a red cube" });
});

it.each<[string, Part]>([
  ["prompt", ["prompt", "aGVsbG8=", undefined, "base64"]],
  ["image", ["image", "aGVsbG8=", "a", "base64"]],
  ["image", ["image[]", "aGVsbG8=", "a", "base64"]],
  ["mask", ["mask", "aGVsbG8=", "a", "base64"]],
  ["markup", ["markup", "aGVsbG8=", "a", "base64"]],
  ["prompt", ["prompt", "caf=C3=A9", undefined, "quoted-printable"]],
  ["prompt", ["prompt", Buffer.from("hello", "utf16le")]],
])("refuses a '%s' whose bytes are not what they look like", async (param, part) => {
  expect(await refused([part])).toEqual([400, "invalid_value", param]);
});

it("takes 'image', 'image[]' and what has no file name for pictures", async () => {
  const { taken, upload } = read([
    ["image", "1", "a"],
    ["image[]", "2", "b"],
    ["image[]", "3"],
  ]);
  expect((await upload).inputs.images).toHaveLength(3);
  expect(taken.map(({ content }) => String(content))).toEqual(["1", "2", "3"]);
});

it("has no mask where the route has none", async () => {
  expect(await refused([["mask", "m", "m.png"]], { hasMask: false })).toEqual([
    400,
    "unsupported_parameter",
    "mask",
  ]);
  expect((await read([["mask", "text"]], { hasMask: false }).upload).body).toEqual({ mask: "text" });
});

it.each([
  ["image[0]", true, "Send pictures in 'image' or 'image[]', a mask in 'mask'."],
  ["images", false, "Send pictures in 'image' or 'image[]'."],
])("says where pictures go when there is one in '%s'", async (name, hasMask, remedy) => {
  const refusing = read([[name, "1", "a.png"]], { hasMask }).upload;
  await expect(refusing).rejects.toThrow(`No file is taken in '${name}'. ${remedy}`);
});

it("keeps a field of any name as one like any other", async () => {
  const { body } = await read([
    ["__proto__", "x"],
    ["constructor", "y"],
    ["", "z"],
  ]).upload;
  expect(Object.entries(Object(body))).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
    ["", "z"],
  ]);
});

it("reads text in UTF-8, whatever the pieces, and keeps a byte order mark", async () => {
  const { body } = await read([["prompt", "\ufeff猫😀é"]]).upload;
  expect(body).toEqual({ prompt: "\ufeff猫😀é" });
});

it.each<[string, Part[], readonly unknown[]]>([
  ["a part without a name", [[undefined, "x"]], [400, "invalid_request", null]],
  ["a file in another field", [["markup", "x", "a.png"]], [400, "unsupported_parameter", "markup"]],
  [
    "a field twice",
    [
      ["prompt", "x"],
      ["prompt", "x"],
    ],
    [400, "invalid_value", "prompt"],
  ],
  ["bytes that are no text", [["prompt", Buffer.from([0x61, 0xff])]], [400, "invalid_value", "prompt"]],
  [
    "two masks",
    [
      ["mask", "x", "a"],
      ["mask", "x", "b"],
    ],
    [400, "invalid_value", "mask"],
  ],
  [
    "17 pictures",
    Array.from({ length: 17 }, (): Part => ["image[]", "x", "a"]),
    [413, "request_too_large", "image"],
  ],
  [
    "33 fields",
    Array.from({ length: 33 }, (_, at): Part => [`f${at}`, "x"]),
    [413, "request_too_large", null],
  ],
  ["a field of 1,001 bytes with its name", [["prompt", "x".repeat(995)]], [413, "request_too_large", null]],
  [
    "fields of 1,001 bytes together",
    [
      ["a", "x".repeat(500)],
      ["b", "x".repeat(499)],
    ],
    [413, "request_too_large", null],
  ],
  ["a name of 1,001 bytes", [["x".repeat(1_001), ""]], [413, "request_too_large", null]],
])("refuses %s", async (_title, parts, expected) => {
  expect(await refused(parts)).toEqual(expected);
});

it("takes 16 pictures and a mask, 32 fields, and as many bytes as are allowed", async () => {
  const pictures = Array.from({ length: 16 }, (): Part => ["image[]", "x", "a"]);
  const fields = Array.from({ length: 31 }, (_, at): Part => [String.fromCharCode(65 + at), ""]);
  const { inputs, body } = await read([...pictures, ["mask", "x", "m"], ...fields, ["z", "x".repeat(968)]])
    .upload;
  expect(inputs.images).toHaveLength(16);
  expect(Object.keys(Object(body))).toHaveLength(32);
});

it("says no more of a name in an error than fits", async () => {
  const [, , param] = await refused([["x".repeat(900), "", "a.png"]]);
  expect(param).toBe(`${"x".repeat(63)}…`);
});
