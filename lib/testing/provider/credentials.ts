import type { HttpRequest } from "../../ports";

const CREDENTIAL = /auth|key|token|secret|cookie|password/i;
const SHORTEST = 6;

export const originOf = ({ url }: Pick<HttpRequest, "url">): string => new URL(url).origin;

/** The values in the headers and the query of a request that look like credentials, without their scheme. */
export function credentialsIn({ url, headers = {} }: HttpRequest): string[] {
  return [...Object.entries(headers), ...new URL(url).searchParams]
    .filter(([name]) => CREDENTIAL.test(name))
    .map(([, value]) => value.replace(/^(?:bearer|basic|key|token) +/i, ""))
    .filter((value) => value.length >= SHORTEST);
}
