import fc from "fast-check";

import { dataUrl } from "../support/edits";
import { BOUNDARY, field, file, formBody, type RawPart } from "../support/forms";
import { NUMBERS, name, PROTOTYPE_NAMES, SIZES, value } from "./bodies";
import { asked, CAT, DOG, form, MASK, partsOf, type Upload, validUpload } from "./uploads";

const PICTURE_FIELDS = ["image", "image[]", "images", "images[0]", "mask", "mask[]", "Image", "image[0]"];

const fieldName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PICTURE_FIELDS) },
  { weight: 3, arbitrary: name.filter((text) => !/["\r\n\\]/.test(text)) },
  { weight: 1, arbitrary: fc.constantFrom("", "%22", "a%0d%0aX: y", "é", "\u0000", "a".repeat(9_000)) },
);

const torn = fc
  .tuple(fc.constantFrom(CAT, DOG, MASK), fc.nat(100))
  .map(([bytes, at]) => bytes.subarray(0, at % bytes.length));

/** As many points as no server could hold, in as few bytes as a header has. */
const monstrous = (width: number, height: number): Buffer => {
  const bytes = Buffer.from(CAT);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};

const content: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(CAT, DOG, MASK) },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS, ...SIZES, "True", "FALSE", "null", "[]", "{}", "") },
  { weight: 2, arbitrary: torn },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: value },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      monstrous(0xffffffff, 0xffffffff),
      monstrous(0, 0),
      monstrous(1, 0x7fffffff),
      `\r\n--${BOUNDARY}`,
      `\r\n--${BOUNDARY}--`,
      `--${BOUNDARY}\r\n\r\n`,
      "GIF89a",
      "RIFF\u0000\u0000\u0000\u0000WEBPVP8X",
      "\u0000\u0000\u0000\u0020ftypavif",
      "<svg xmlns='http://www.w3.org/2000/svg'/>",
      dataUrl(CAT),
    ),
  },
);

const disposition = (rest: string, ...more: readonly string[]) => [`Content-Disposition: ${rest}`, ...more];

/** What a part may say of itself. */
const HEADERS: readonly (readonly string[])[] = [
  [],
  ["X-Any: y"],
  ["no colon"],
  [": no name"],
  disposition("form-data"),
  disposition("form-data; name=image; filename=cat.png"),
  disposition('form-data; name="image'),
  disposition('form-data; name="image"; filename="'),
  disposition('attachment; name="image"; filename="cat.png"'),
  disposition("form-data; name=\"image\"; filename*=UTF-8''%e2%82%ac%ff%zz.png"),
  disposition("form-data; name*=UTF-8''image; filename=x"),
  disposition('form-data; name="image"; filename="../../etc/passwd"'),
  disposition('form-data; name="image"; filename="C:\\x\\cat.png\\"'),
  disposition('form-data; name="image"; name="mask"; filename="x"'),
  disposition('form-data; name="__proto__"'),
  disposition('form-data; name="model"; filename="x"'),
  disposition('form-data; name="n"', "Content-Type: text/plain; charset=utf-16le"),
  disposition('form-data; name="prompt"', "Content-Transfer-Encoding: base64"),
  disposition('form-data; name="image"; filename="x"', "Content-Transfer-Encoding: quoted-printable"),
  disposition('form-data; name="image"; filename="x"', "Content-Encoding: gzip"),
  disposition('form-data; name="image"; filename="x"', "Content-Length: 99999999999"),
  disposition('form-data; name="image"', "Content-Type: multipart/mixed; boundary=inner"),
  disposition('form-data; name="image"; filename="x"', "Content-Type: ;;;"),
  disposition(
    'form-data; name="image"; filename="x"',
    ...Array.from({ length: 40 }, (_, at) => `X-${at}: y`),
  ),
  disposition('form-data; name="image"; filename="x"', `X-Long: ${"a".repeat(20_000)}`),
  disposition(`form-data; name="${"a".repeat(15_000)}"`),
  disposition('form-data;\r\n name="image";\r\n filename="folded"'),
  disposition('form-data; name="image"; filename="\u0000\u001b[31m\ud800"'),
  ...PROTOTYPE_NAMES.map((key) => disposition(`form-data; name="${key}"; filename="${key}"`)),
];

const part: fc.Arbitrary<RawPart> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fieldName, content).map(([key, bytes]) => ({ name: key, content: bytes })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fieldName, content)
      .map(([key, bytes]) => ({ name: key, fileName: "blob", type: "image/png", content: bytes })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...HEADERS), content)
      .map(([headers, bytes]) => ({ headers, content: bytes })),
  },
);

/** A valid form in which up to three parts were added, replaced, doubled or left out. */
const mutatedForm = fc
  .tuple(
    asked,
    fc.constantFrom(undefined, "narrow-model", "no-model"),
    fc.array(fc.tuple(fc.constantFrom("add", "add", "replace", "double", "drop"), fc.nat(), part), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([request, model, changes]) => {
    const parts = partsOf(request).map((each) =>
      each.name === "model" && model !== undefined ? field("model", model) : each,
    );
    for (const [how, place, other] of changes) {
      const at = place % (parts.length + 1);
      const there = parts[at] ?? other;
      if (how === "add") parts.splice(at, 0, other);
      if (how === "replace") parts.splice(at, 1, other);
      if (how === "double") parts.splice(at, 0, there);
      if (how === "drop") parts.splice(at, 1);
    }
    return form(request.route, parts);
  });

/** What there may be too much of. */
const ONE_MORE: readonly ((at: number) => RawPart)[] = [
  (at) => field(`x${at}`, "y"),
  () => file("image[]", CAT),
  () => file("mask", MASK),
  () => ({ headers: ["X-Any: y"], content: "" }),
];

const crowd = fc
  .tuple(asked, fc.constantFrom(...ONE_MORE), fc.constantFrom(16, 17, 33, 65, 2_000))
  .map(([request, one, length]) =>
    form(request.route, [...partsOf(request), ...Array.from({ length }, (_, at) => one(at))]),
  );

const insertion = fc.constantFrom("", "\r\n", "\n", "--", `--${BOUNDARY}`, "\u0000", "a".repeat(70_000));

/** A form whose bytes were cut, spliced or given a rest. */
const tornForm = fc
  .tuple(fc.oneof(asked.map(partsOf), fc.array(part, { maxLength: 4 })), fc.nat(), insertion, fc.boolean())
  .map(([parts, place, insert, isCut]) => {
    const body = formBody(parts);
    const at = place % body.length;
    const rest = isCut ? Buffer.alloc(0) : body.subarray(at);
    return { ...form("edits", []), body: Buffer.concat([body.subarray(0, at), Buffer.from(insert), rest]) };
  });

const TYPES = [
  "multipart/form-data",
  "multipart/form-data;boundary",
  'multipart/form-data; boundary=""',
  "multipart/form-data; boundary=other",
  `multipart/form-data; boundary=${BOUNDARY}; boundary=other`,
  `multipart/form-data; boundary="${BOUNDARY}"`,
  `multipart/form-data; boundary='${BOUNDARY}'`,
  `multipart/form-data; boundary=${"a".repeat(4_000)}`,
  "multipart/form-data; boundary=-",
  "multipart/form-data; boundary=\u00ff",
  "multipart/form-data; boundary*=UTF-8''x",
  "multipart/mixed; boundary=x",
  `multipart/form-data, application/json; boundary=${BOUNDARY}`,
  "application/x-www-form-urlencoded",
  "application/json",
  "image/png",
  "",
];

/** A body that is not what its type says, or says nothing of itself. */
const mislabelled = fc
  .tuple(fc.oneof(validUpload, mutatedForm), fc.constantFrom(...TYPES))
  .map(([upload, type]) => ({ ...upload, type }));

export const anyForm: fc.Arbitrary<Upload> = fc.oneof(
  { weight: 6, arbitrary: mutatedForm },
  { weight: 3, arbitrary: tornForm },
  { weight: 2, arbitrary: mislabelled },
  { weight: 1, arbitrary: crowd },
);
