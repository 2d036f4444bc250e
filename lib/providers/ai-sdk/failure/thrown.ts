import { listMember } from "../../../internal/json-shape";
import { HttpError } from "../../../ports/http-client";
import { ProviderError } from "../../../ports/provider-error";
import { headersOf } from "../headers";

/**
 * What an adapter's error tells. Read by shape along its causes: several copies of a package, and of its error classes, may lie in one
 * tree.
 */
export interface Thrown {
  /** One of ours, which came back through the adapter. */
  readonly own: ProviderError | HttpError | undefined;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer's body, or as much of it as was kept. */
  readonly body: string | undefined;
  readonly data: unknown;
  /** The body of the request, as values. */
  readonly sent: unknown;
  /** The host that was asked. */
  readonly host: string | undefined;
  /** Which option of the vendor's the package did not take, where it is about one. */
  readonly option: string | undefined;
  readonly names: readonly string[];
  /** Codes of Node and undici. */
  readonly codes: readonly string[];
  readonly message: string;
}

/** Causes may lead in a circle. */
const DEEPEST = 8;

export function readThrown(thrown: unknown): Thrown {
  const chain = causesOf(thrown);
  const first = <T>(take: (error: object) => T | undefined): T | undefined => {
    for (const error of chain) {
      const found = take(error);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const all = (name: string): string[] =>
    chain.map((error) => get(error, name)).filter((value) => typeof value === "string");
  const [message = ""] = typeof thrown === "string" ? [thrown] : all("message");
  return {
    own: chain.find((error) => ProviderError.is(error) || HttpError.is(error)),
    status: first((error) => statusIn(get(error, "statusCode"))),
    headers: headersOf(
      chain.find((error) => headersCount(error) > 0),
      "responseHeaders",
    ),
    body: first((error) => textIn(get(error, "responseBody"))),
    data: first((error) => get(error, "data") ?? undefined),
    sent: first((error) => get(error, "requestBodyValues") ?? undefined),
    host: first((error) => hostIn(get(error, "url"))),
    option: first((error) => optionIn(get(error, "issues"))),
    names: all("name"),
    codes: all("code"),
    message,
  };
}

function causesOf(thrown: unknown): object[] {
  const chain: object[] = [];
  let error = thrown;
  while (typeof error === "object" && error !== null && chain.length < DEEPEST) {
    chain.push(error);
    error = get(error, "cause");
  }
  return chain;
}

/** Inherited ones too: the name of an error is its prototype's. */
const get = (error: object, name: string): unknown => Reflect.get(error, name);

const headersCount = (error: object): number => Object.keys(headersOf(error, "responseHeaders")).length;

const statusIn = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value <= 599 ? value : undefined;

const textIn = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** Zod's complaints; the first one counts. */
function optionIn(issues: unknown): string | undefined {
  const [first]: unknown[] = Array.isArray(issues) ? issues : [];
  const [option] = listMember(first, "path");
  return typeof option === "string" ? option : undefined;
}

const hostIn = (value: unknown): string | undefined =>
  typeof value === "string" && URL.canParse(value) ? new URL(value).host : undefined;
