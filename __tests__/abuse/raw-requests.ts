import { PROMPT } from "../support/host";
import { SECRETS } from "./target";

export const BODY = JSON.stringify({ ...PROMPT, prompt: SECRETS.prompt });
const PATH = "/v1/images/generations";

const AS_ANN: readonly string[] = [
  "Host: images.test",
  `Authorization: Bearer ${SECRETS.ann}`,
  "Content-Type: application/json",
];

/** A request line by line; a good one where nothing else is said. */
export const raw = (headers: readonly string[], body = "", line = `POST ${PATH} HTTP/1.1`): string =>
  [line, ...headers, "", body].join("\r\n");

export const good = (...headers: readonly string[]): string =>
  raw([...AS_ANN, `Content-Length: ${BODY.length}`, ...headers], BODY);

export const goodGet = (path: string, ...headers: readonly string[]): string =>
  raw([...AS_ANN, ...headers], "", `GET ${path} HTTP/1.1`);

export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

export const chunked = (...headers: readonly string[]): string =>
  raw([...AS_ANN, "Transfer-Encoding: chunked", ...headers], `${chunk(BODY)}0\r\n\r\n`);

/** The same with nobody's name on it. */
export const anonymous = (text: string): string => text.replace(/Authorization: .*\r\n/, "");

const framed = (...headers: readonly string[]): string =>
  raw([...AS_ANN, ...headers], `${chunk(BODY)}0\r\n\r\n`);
const length = `Content-Length: ${BODY.length}`;

/** Two readers could disagree about where these end, which is how requests are smuggled past a proxy; `good()` follows each. */
export const AMBIGUOUS: Readonly<Record<string, string>> = {
  "a length, then chunks": framed(length, "Transfer-Encoding: chunked"),
  "chunks, then a length": framed("Transfer-Encoding: chunked", length),
  "two lengths": raw([...AS_ANN, length, "Content-Length: 3"], BODY),
  "the same length twice": raw([...AS_ANN, length, length], BODY),
  "a list of lengths": raw([...AS_ANN, `${length}, ${BODY.length}`], BODY),
  "a negative length": raw([...AS_ANN, "Content-Length: -1"], BODY),
  "a length with a sign": raw([...AS_ANN, `Content-Length: +${BODY.length}`], BODY),
  "a hexadecimal length": raw([...AS_ANN, "Content-Length: 0x10"], BODY),
  "a length beyond 64 bits": raw([...AS_ANN, "Content-Length: 99999999999999999999"], BODY),
  "an empty length": raw([...AS_ANN, "Content-Length:"], BODY),
  "a coding that only sounds like chunked": framed("Transfer-Encoding: xchunked"),
  "chunked, but not last": framed("Transfer-Encoding: chunked, identity"),
  "chunked on one line and something else on the next": framed(
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: x",
  ),
  "a space before the colon": framed("Transfer-Encoding : chunked"),
  "a vertical tab before the value": framed("Transfer-Encoding: \u000bchunked"),
  "a value in quotes": framed('Transfer-Encoding: "chunked"'),
  "a folded value": framed("Transfer-Encoding:\r\n chunked"),
  "a space before the name": framed(" Transfer-Encoding: chunked"),
  "a NUL in the name": framed("Transfer-Encoding\u0000: chunked"),
  "a bare carriage return in a header": framed("X-Any: a\rTransfer-Encoding: chunked"),
  "line feeds alone": good().replaceAll("\r\n", "\n"),
  "one line feed alone": good().replace("\r\nHost", "\nHost"),
  "line feeds alone between chunks": chunked().replace(
    /\r\n\r\n.*$/s,
    (body) => `\r\n\r\n${body.slice(4).replaceAll("\r\n", "\n")}`,
  ),
  "a chunk with a hexadecimal prefix": chunked().replace(chunk(BODY), (text) => `0x${text}`),
  "a chunk with a sign": chunked().replace(chunk(BODY), (text) => `+${text}`),
  "a chunk longer than its data": chunked().replace(chunk(BODY), `5\r\n{}\r\n`),
  "a chunk shorter than its data": chunked().replace(chunk(BODY), `1\r\n${BODY}\r\n`),
  "a chunk of 2^72 bytes": chunked().replace(chunk(BODY), `${"f".repeat(18)}\r\n${BODY}\r\n`),
  "chunks that are none": chunked().replace(chunk(BODY), "zz\r\nzz\r\n"),
  "a chunk with 20,000 characters of extensions": chunked().replace(
    "\r\n{",
    () => `;${"a".repeat(20_000)}\r\n{`,
  ),
};

/** Nothing that HTTP/1.1 knows, or more of it than Node takes. */
export const BROKEN: Readonly<Record<string, string>> = {
  "a path of 20,000 characters": goodGet(`/v1/models/${"a".repeat(20_000)}`),
  "a header of 20,000 characters": good(`X-Any: ${"a".repeat(20_000)}`),
  "5,000 headers": good(...Array.from({ length: 5_000 }, (_, at) => `X-${at}: 1`)),
  "a NUL in the path": goodGet("/v1/models/\u0000"),
  "a NUL in a header": good("X-Any: a\u0000b"),
  "a NUL in a name": good("X\u0000: a"),
  "a NUL before the request": `\u0000${good()}`,
  "a header without a name": good(": a"),
  "a header without a colon": good("X-Any"),
  "a space in the path": goodGet("/v1/models/a b"),
  "bytes above ASCII in the path": goodGet("/v1/models/\u00ff"),
  "no Host": good().replace(/Host: .*\r\n/, ""),
  "an unknown method": good().replace("POST", "FOO"),
  "a method in small letters": good().replace("POST", "post"),
  "an unknown version": good().replace("HTTP/1.1", "HTTP/9.9"),
  "another protocol's name": good().replace("HTTP/1.1", "ICY/1.1"),
  "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "the hello of TLS": "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
  "a tunnel": good().replace(`POST ${PATH}`, "CONNECT images.test:443"),
};
