import { setImmediate as turn } from "node:timers/promises";

import type { Authenticate, Principal } from "../../../lib/ports";

export const TOKENS = ["key-of-ann", "key-of-bob"] as const;
export const REVOKED = "key-of-cid";

const accounts = new Map<string, Principal>([
  ["key-of-ann", { id: "ann", expiresAt: new Date(Date.UTC(2100, 0, 1)) }],
  ["key-of-bob", { id: "bob" }],
]);

const find = (token: string | undefined) => (token === undefined ? null : accounts.get(token));

/** Keeps all rules. */
export const authenticate: Authenticate = async ({ token }) => {
  await turn();
  return find(token);
};

/** An authenticator that breaks one rule, and one only. */
export interface BrokenAuthenticator {
  readonly rule: number;
  readonly how: string;
  readonly create: () => Authenticate;
}

const broken = (rule: number, how: string, create: () => Authenticate): BrokenAuthenticator => ({
  rule,
  how,
  create,
});

/** Another principal in place of the one found. */
const as = (change: (found: Principal, transport: string) => Principal): (() => Authenticate) => {
  return () =>
    ({ token, transport }) => {
      const found = find(token);
      return found && change(found, transport);
    };
};

const never = new Promise<never>(() => {});

export const brokenAuthenticators: readonly BrokenAuthenticator[] = [
  broken(1, "the body is read", () => ({ token, request }) => {
    request.resume();
    return find(token);
  }),
  broken(1, "the credentials are taken out of the request", () => ({ token, request }) => {
    delete request.headers.authorization;
    return find(token);
  }),
  broken(
    2,
    "ids are too long",
    as(({ id }) => ({ id: id.padEnd(513, ".") })),
  ),
  broken(
    2,
    "the principal has expired",
    as(({ id }) => ({ id, expiresAt: new Date(0) })),
  ),
  broken(2, "a wrong token throws", () => ({ token }) => {
    const found = find(token);
    if (token !== undefined && found === undefined) throw new Error("wrong");
    return found;
  }),
  broken(2, "a wrong token is a guest's", () => ({ token }) => {
    return find(token) ?? (token === undefined ? null : { id: "guest" });
  }),
  broken(2, "a plain object is the table", () => {
    const table: Readonly<Record<string, Principal>> = Object.fromEntries(accounts);
    return ({ token }) => (token === undefined ? null : table[token]);
  }),
  broken(2, "the beginning of a token will do", () => ({ token = "" }) => {
    const known = token === "" ? undefined : [...accounts.keys()].find((key) => key.startsWith(token));
    return find(known);
  }),
  broken(2, "a revoked token still works", () => ({ token }) => {
    return token === REVOKED ? { id: "cid" } : find(token);
  }),
  broken(2, "whoever shows nothing is a guest", () => ({ token }) => {
    return token === undefined ? { id: "guest" } : find(token);
  }),
  broken(2, "the last token counts for all", () => {
    let last: string | undefined;
    return async ({ token }) => {
      last = token;
      await turn();
      return find(last);
    };
  }),
  broken(3, "whoever has gone waits for ever", () => async ({ token, signal }) => {
    await turn();
    return signal.aborted ? never : find(token);
  }),
  broken(
    4,
    "sockets have ids of their own",
    as(({ id }, transport) => ({ id: `${transport} ${id}` })),
  ),
  broken(
    4,
    "all have one id",
    as(() => ({ id: "somebody" })),
  ),
];
