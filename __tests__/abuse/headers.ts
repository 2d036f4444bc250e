import fc from "fast-check";

import { SECRETS } from "./target";

/** Whatever Node's client lets into a header. */
const octets = fc
  .array(
    fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }), fc.constant(0x09)),
    {
      maxLength: 40,
    },
  )
  .map((codes) => String.fromCharCode(...codes));

const long = fc.constantFrom(511, 512, 513, 4_000).map((length) => "a".repeat(length));

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  authorization: [
    "",
    "Bearer",
    "Bearer ",
    "Bearer sk-ann",
    "bearer  sk-ann  ",
    "Bearer sk-ann, Bearer sk-bob",
    "Bearer sk-annx",
    "Bearer sk-eve",
    `Bearer ${SECRETS.key}`,
    `Basic ${SECRETS.key}`,
    "Bearer __proto__",
    "Bearer constructor",
    "Bearer [object Object]",
    "Bearer null",
    "Bearer\tsk-ann",
    "Token sk-ann",
    "sk-ann",
  ],
  "content-type": [
    "",
    "application/json",
    "application/json;",
    "APPLICATION/JSON; charset=UTF-8",
    "application/json; charset=utf-16le",
    "application/json; charset=utf-8; charset=utf-7",
    'application/json; charset="',
    "application/json, text/plain",
    "application/vnd.api+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "text/plain",
    ";",
    "/",
  ],
  "content-encoding": [
    "",
    "identity",
    "gzip",
    "GZIP",
    "br",
    "deflate",
    "gzip, gzip",
    "zstd",
    "compress",
    "__proto__",
  ],
  "x-client-request-id": [
    "",
    "mine",
    "a b",
    "__proto__",
    "\u00e9",
    "é".repeat(10),
    "%00",
    "../..",
    "imgjob_",
  ],
  "x-request-id": ["req_mine", "", "x"],
  range: [
    "bytes=0-",
    "bytes=-1",
    "bytes=5-1",
    "bytes=0-0,5-6",
    "bytes=999999999999999-",
    "bytes=a-b",
    "items=0-1",
    "bytes",
  ],
  "if-none-match": ["*", '"', 'W/"', '"a", "b"', ","],
  "if-range": ['"a"', "Wed, 21 Oct 2015 07:28:00 GMT", ""],
  prefer: ["respond-async", "wait=0", "respond-async, wait=-1", "wait=1e99", "return=minimal", ","],
  accept: ["*/*", "text/event-stream", "application/json;q=0", "image/*", ";;;", "application/xml"],
  "accept-encoding": ["gzip", "*;q=0", "identity;q=0", ""],
  "idempotency-key": ["a", "", '"quoted"', "__proto__"],
  "last-event-id": ["1", "-1", "9".repeat(30), "x"],
  host: ["", "evil.example", "a b", "[::1", "images.test:99999", "a@b", "a/b?c#d", "\u00e9", "a:b:c"],
  "x-forwarded-host": ["evil.example", "", "a, b", "<script>"],
  "x-forwarded-proto": ["https", "javascript", "https,http", ""],
  "x-forwarded-for": ["127.0.0.1", "__proto__", ",,,", "::ffff:127.0.0.1%0"],
  "x-http-method-override": ["DELETE", "GET", "__proto__"],
  origin: ["https://evil.example", "null", ""],
  cookie: [`token=${SECRETS.key}`, "__proto__=1", ";;;"],
  "openai-organization": ["org-1", "__proto__"],
  traceparent: ["00-0-0-0", "x"],
  te: ["trailers", "chunked"],
  via: ["1.1 a", ""],
  connection: ["close", "keep-alive", "close, keep-alive", "authorization"],
  pragma: ["no-cache"],
  expect: ["100-continue", "200-ok", ""],
  "max-forwards": ["0", "-1"],
};

const known = fc
  .constantFrom(...Object.entries(KNOWN))
  .chain(([name, values]) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...values) },
        { weight: 2, arbitrary: octets },
        { weight: 1, arbitrary: long },
      ),
    ),
  );

/** Names a client may invent, those of Object.prototype among them. */
const invented = fc.tuple(fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/), octets);
const inherited = fc.tuple(
  fc.constantFrom("__proto__", "constructor", "hasownproperty", "x-__proto__", "tostring"),
  octets,
);

/** Up to eight headers. Those that would make the connection something else stand with the tests of raw connections. */
export const someHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: known },
      { weight: 1, arbitrary: invented },
      { weight: 1, arbitrary: inherited },
    ),
    { maxLength: 8 },
  )
  .map((pairs) =>
    Object.fromEntries(
      pairs.filter(
        ([name]) => !/^(content-length|transfer-encoding|upgrade|keep-alive|trailer)$/i.test(name),
      ),
    ),
  );
