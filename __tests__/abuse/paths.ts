import { METHODS } from "node:http";

import fc from "fast-check";

import { PROTOTYPE_NAMES } from "./bodies";

/** CONNECT asks for a tunnel: see the tests of raw connections. */
export const anyMethod = fc.oneof(
  fc.constantFrom("GET", "GET", "GET", "POST", "HEAD", "DELETE"),
  fc.constantFrom(...METHODS.filter((method) => method !== "CONNECT")),
);

const STRANGE = [
  "",
  ".",
  "..",
  "...",
  "%2e%2e",
  "%252e%252e",
  "..%2f..%2f..%2fetc%2fpasswd",
  "..%5c..%5cwindows",
  "%2f",
  "%5c",
  "%00",
  "a%00b",
  "%0d%0aX-Injected:%201",
  "%zz",
  "%",
  "%e0%a4%a",
  "%c0%af",
  "%ff%fe",
  "%ed%a0%80",
  "%f0%9f%98%80",
  "%u0041",
  "*",
  ":id",
  ":id(.*)",
  "(a+)+$",
  "{a,b}",
  "[0-9]",
  "a;b=c",
  "a,b",
  "a@b",
  "a:80",
  "~",
  "\\..\\",
  "a#b",
  "test-model",
  "imgjob_",
  `imgjob_${"0".repeat(32)}`,
  `imgjob_${"0".repeat(33)}`,
  `IMGJOB_${"A".repeat(32)}`,
  "AAAAAAAAAAAAAAAAAAAAAA",
  ...PROTOTYPE_NAMES,
];

const segment = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      "images",
      "generations",
      "jobs",
      "cancel",
      "files",
      "models",
      "edits",
      "variations",
      "events",
    ),
  },
  { weight: 5, arbitrary: fc.constantFrom(...STRANGE) },
  { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{1,30}$/) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes)),
  },
  { weight: 1, arbitrary: fc.constantFrom("a", "%41", "/").chain((unit) => fc.constant(unit.repeat(2_500))) },
);

/** Each character by itself, so that one spelling becomes several. */
const encoded = (text: string, depth: number): string =>
  depth === 0
    ? text
    : encoded(
        [...Buffer.from(text, "latin1")].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
        depth - 1,
      );

const spelled = fc
  .tuple(segment, fc.constantFrom(0, 0, 0, 0, 1, 2))
  .map(([text, depth]) => encoded(text.slice(0, depth === 0 ? undefined : 100), depth));

/** A path on our routes, with something strange in the places of its parameters. */
const onRoute = fc
  .tuple(
    fc.constantFrom(
      "/images/generations",
      "/images/edits",
      "/images/variations",
      "/images/jobs",
      "/images/jobs/*",
      "/images/jobs/*/cancel",
      "/images/jobs/*/events",
      "/images/files/*",
      "/models",
      "/models/*",
    ),
    spelled,
    fc.constantFrom("", "", "", "/", "//", "?", "?*", "#", "%20", ".json", ";a"),
  )
  .map(([route, parameter, end]) => `/v1${route.replace("*", () => parameter)}${end}`);

const offRoute = fc
  .tuple(
    fc.constantFrom("/v1", "/V1", "/v1/", "//v1", "/v1/../v1", "", "/v1%2f"),
    fc.array(spelled, { maxLength: 5 }),
  )
  .map(([mount, segments]) => [mount, ...segments].join("/"));

/** A path within what Node's client sends. */
export const anyPath = fc
  .oneof({ weight: 3, arbitrary: onRoute }, { weight: 2, arbitrary: offRoute })
  .map((path) => (path.startsWith("/") ? path : `/${path}`));

/** Is this a path of ours, as Express reads it: letters of either case, one slash at the end tolerated? */
export const isOurs = (path: string): boolean =>
  /^\/v1\/(images\/(generations|edits|variations|jobs|jobs\/[^/]+|jobs\/[^/]+\/(cancel|events)|files\/[^/]+)|models|models\/[^/]+)\/?$/i.test(
    path.replace(/[?#].*$/s, ""),
  );

/** Can each segment be read as percent-encoded UTF-8? */
export function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path.replace(/[?#].*$/s, ""));
    return true;
  } catch {
    return false;
  }
}
