import { createHash, createHmac } from "node:crypto";

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

/**
 * Would the storage believe this request? Signed by its headers or, as a link, by its query.
 *
 * @returns the error code that the storage would answer with, or `undefined`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function doubtAbout(request: Request, body: Uint8Array, secret: string): string | undefined {
  const query = new URL(request.url, "http://storage").searchParams;
  return query.has("X-Amz-Signature")
    ? doubtAboutLink(request, query, secret)
    : doubtAboutHeaders(request, body, secret);
}

function doubtAboutHeaders({ headers, ...request }: Request, body: Uint8Array, secret: string) {
  const form = /^AWS4-HMAC-SHA256 Credential=[^/]+\/(.+), SignedHeaders=(.+), Signature=(\w{64})$/;
  const [, scope = "", signed = "", signature] = form.exec(headers["authorization"] ?? "") ?? [];
  const payload = headers["x-amz-content-sha256"] ?? "";
  if (payload !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const isAllSigned = Object.keys(headers)
    .filter((name) => /^(?:x-amz-.*|host|content-md5)$/.test(name))
    .every((name) => signed.split(";").includes(name));
  const about = { ...request, headers, scope, signed, payload, time: headers["x-amz-date"] ?? "" };
  return isAllSigned && sign(about, secret) === signature ? undefined : "SignatureDoesNotMatch";
}

function doubtAboutLink(request: Request, query: URLSearchParams, secret: string) {
  const time = query.get("X-Amz-Date") ?? "";
  const begin = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  const isOver = Date.now() > begin + Number(query.get("X-Amz-Expires")) * 1000;
  const [, ...scope] = (query.get("X-Amz-Credential") ?? "").split("/");
  const signed = query.get("X-Amz-SignedHeaders") ?? "";
  const about = { ...request, scope: scope.join("/"), signed, payload: "UNSIGNED-PAYLOAD", time };
  if (isOver) return "AccessDenied";
  return sign(about, secret) === query.get("X-Amz-Signature") ? undefined : "SignatureDoesNotMatch";
}

interface Signed extends Request {
  /** Date, region, service and `aws4_request`. */
  readonly scope: string;
  readonly signed: string;
  readonly payload: string;
  readonly time: string;
}

function sign({ method, url, headers, scope, signed, payload, time }: Signed, secret: string): string {
  const { pathname, searchParams } = new URL(url, "http://storage");
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const query = [...searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const lines = signed.split(";").map((name) => `${name}:${headers[name]?.trim()}\n`);
  const canonical = [method, pathname, query.join("&"), lines.join(""), signed, payload].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Uint8Array>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}
