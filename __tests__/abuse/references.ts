import fc from "fast-check";

import { dataUrl } from "../support/edits";
import { name, value, written } from "./bodies";
import { asked, CAT, DOG, json, MASK, membersOf, type Upload } from "./uploads";

/** Nothing here stands on the network: names are not to be asked for. */
const ADDRESSES = [
  dataUrl(CAT),
  dataUrl(DOG),
  dataUrl(MASK).toUpperCase(),
  "data:,",
  "data:image/png,x",
  "data:image/png;base64,",
  "data:image/png;base64,%%%",
  "data:image/png;base64,AAAA",
  `data:image/svg+xml;base64,${Buffer.from("<svg/>").toString("base64")}`,
  `data:${"a".repeat(5_000)};base64,AAAA`,
  CAT.toString("base64"),
  "http://127.0.0.1:1/",
  "http://127.1:1/",
  "http://2130706433/",
  "http://[::1]:1/",
  "http://[::ffff:7f00:1]/",
  "http://0.0.0.0/",
  "http://169.254.169.254/latest/meta-data/",
  "https://user:pass@127.0.0.1/",
  "http://127.0.0.1:99999/",
  "http:127.0.0.1",
  "HTTP://127.0.0.1",
  "http://",
  "//127.0.0.1/",
  "file:///etc/passwd",
  "ftp://127.0.0.1/",
  "blob:x",
  "javascript:1",
  "cat.png",
  "",
  `http://127.0.0.1/${"a".repeat(20_000)}`,
  "http://127.0.0.1/\u00e9 \r\n",
];

const reference: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...ADDRESSES).map((address) => JSON.stringify({ image_url: address })),
  },
  { weight: 1, arbitrary: value.map((text) => `{"image_url":${text}}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{"file_id":"f"}', '{"image_url":{"url":"x"}}', "{}", "null", '"x"', "[[]]"),
  },
  { weight: 1, arbitrary: fc.tuple(name, value).map((member) => written([member])) },
);

/** Far below the 16 MiB at which a body that nobody wants costs its sender the connection. */
const MAX_CHARS = 512 * 1024;

const references = fc
  .tuple(fc.array(reference, { maxLength: 3 }), fc.constantFrom(1, 1, 1, 17, 300))
  .map(([list, times]) => {
    const text = list.join(",");
    const length = Math.min(times, Math.ceil(MAX_CHARS / (text.length + 1)));
    return `[${Array.from({ length }, () => text).join(",")}]`;
  });

const change: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant("images"), references) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("mask"), reference) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("images", "mask", "image", "image[]"), value) },
  { weight: 2, arbitrary: fc.tuple(name, value) },
);

const mutatedJson = fc
  .tuple(asked, fc.array(change, { minLength: 1, maxLength: 3 }), fc.constantFrom("add", "replace", "first"))
  .map(([request, changes, how]) => {
    const changed = new Set(changes.map(([key]) => key));
    const kept = membersOf(request).filter(([key]) => how === "add" || !changed.has(key));
    return json(written(how === "first" ? [...changes, ...kept] : [...kept, ...changes]), request.route);
  });

const tornJson = fc
  .tuple(asked, fc.nat(), fc.constantFrom("", "\u0000", '"', "}", "]", "\\u12"))
  .map(([request, place, insert]) => {
    const text = written(membersOf(request));
    const at = place % text.length;
    return json(text.slice(0, at) + insert + (place % 2 === 0 ? "" : text.slice(at)));
  });

export const anyJson: fc.Arbitrary<Upload> = fc.oneof(
  { weight: 5, arbitrary: mutatedJson },
  { weight: 1, arbitrary: tornJson },
);
