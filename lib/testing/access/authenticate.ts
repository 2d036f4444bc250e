import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

import type { Authenticate, Credentials, MaybePromise, Principal } from "../../ports";
import { allEnd, within } from "../patience";
import type { TestRunner } from "../test-runner";
import { HOSTILE_NAMES } from "./hostile-names";

export interface AuthenticateUnderTest<P extends Principal = Principal> {
  readonly authenticate: Authenticate<P>;
  /** Good tokens of different principals, at least two. */
  readonly tokens: readonly [string, string, ...string[]];
  /** Tokens that are no good and look as if they were: revoked ones, those of another system. */
  readonly refused?: readonly string[];
}

/** How `testAuthenticate` comes by the authenticators it tests. */
export interface AuthenticateSubject<P extends Principal = Principal> {
  /** Makes a fresh authenticator; called for every test. */
  create(): MaybePromise<AuthenticateUnderTest<P>>;
  /** Called after every test. */
  dispose?(made: AuthenticateUnderTest<P>): MaybePromise<void>;
  /**
   * How long an answer may take, in milliseconds.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
}

interface Bench<P extends Principal> extends AuthenticateUnderTest<P> {
  ask(token: string | undefined, more?: Partial<Credentials>): Promise<P | null | undefined>;
}

const PATIENCE_MS = 5_000;
const MAX_ID = 512;
const TRANSPORTS = ["http", "socket"] as const;

/**
 * Proves that a host's authenticator keeps the rules of {@link Authenticate}, as far as an authenticator can break them. Each title
 * begins with the number of its rule.
 *
 * @param runner the two functions of a test runner, such as those of Jest or `node:test`
 * @example
 * ```ts
 * testAuthenticate({ describe, it }, {
 *   create: () => ({
 *     authenticate: ({ token }) => (token === undefined ? null : accounts.findByKey(token)),
 *     tokens: ["key-of-ann", "key-of-bob"],
 *   }),
 * });
 * ```
 */
export function testAuthenticate<P extends Principal>(
  { describe, it }: TestRunner,
  subject: AuthenticateSubject<P>,
): void {
  const test = (title: string, body: (bench: Bench<P>) => Promise<void>) =>
    it(title, () => onBench(subject, body));

  describe("the rules of an authenticator", () => {
    test("1. the request is left as it is", async ({ tokens, ask }) => {
      const request = requestWith(tokens[0]);
      const before = JSON.stringify(request.headers);
      await ask(tokens[0], { request });
      equal(request.readableFlowing, null, "its body is for others to read");
      equal(request.readableDidRead, false);
      equal(JSON.stringify(request.headers), before);
    });

    test("2. good credentials give a principal", async ({ tokens, ask }) => {
      for (const transport of TRANSPORTS) {
        for (const token of tokens) isPrincipal(await ask(token, { transport }));
      }
    });

    test("2. credentials that are no good give nobody", async ({ tokens, refused = [], ask }) => {
      const wrong = [...refused, ...HOSTILE_NAMES, ...tokens.flatMap(nearly)];
      for (const token of wrong.filter((each) => !tokens.includes(each))) {
        for (const transport of TRANSPORTS) isNobody(await ask(token, { transport }));
      }
    });

    test("2. no credentials give nobody", async ({ ask }) => {
      for (const transport of TRANSPORTS) isNobody(await ask(undefined, { transport }));
    });

    test("2. calls at the same time do not mix", async ({ tokens, ask }) => {
      const alone = new Map<string, string | undefined>();
      for (const token of tokens) alone.set(token, (await ask(token))?.id);
      const many = Array.from({ length: 10 }, () => [...tokens, "nobody's token"]).flat();
      const together = await Promise.all(many.map((token) => ask(token)));
      deepEqual(
        together.map((principal) => principal?.id),
        many.map((token) => alone.get(token)),
      );
    });

    test("3. whoever has gone is not kept waiting", async ({ tokens, ask }) => {
      const leaving = new AbortController();
      const asked = [AbortSignal.abort(), leaving.signal].map((signal) => ask(tokens[0], { signal }));
      leaving.abort();
      await allEnd(asked);
    });

    test("4. the same credentials have the same id, always and on both transports", async ({
      tokens,
      ask,
    }) => {
      for (const token of tokens) {
        const ids = new Set<string | undefined>();
        for (const transport of [...TRANSPORTS, ...TRANSPORTS])
          ids.add((await ask(token, { transport }))?.id);
        equal(ids.size, 1);
      }
    });

    test("4. different principals have different ids", async ({ tokens, ask }) => {
      const [first, second] = [await ask(tokens[0]), await ask(tokens[1])];
      notEqual(first?.id, second?.id);
    });
  });
}

async function onBench<P extends Principal>(
  subject: AuthenticateSubject<P>,
  body: (bench: Bench<P>) => Promise<void>,
): Promise<void> {
  const made = await subject.create();
  const ask: Bench<P>["ask"] = (token, more = {}) => {
    const credentials: Credentials = {
      transport: "http",
      signal: new AbortController().signal,
      // A socket brings its token outside of the request.
      request: requestWith(more.transport === "socket" ? undefined : token),
      ...more,
      ...(token === undefined ? {} : { token }),
    };
    return within(
      subject.patienceMs ?? PATIENCE_MS,
      "an answer of the authenticator",
      (async () => made.authenticate(credentials))(),
    );
  };
  try {
    await body({ ...made, ask });
  } finally {
    await subject.dispose?.(made);
  }
}

/** A request as it comes in, with its body unread. */
function requestWith(token: string | undefined): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = "POST";
  request.url = "/v1/images/generations";
  request.headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return request;
}

/** Tokens that a careless comparison takes for the good one. */
const nearly = (token: string): string[] => [
  token.slice(0, -1),
  `${token}x`,
  swapCase(token),
  encodeURIComponent(`${token}\u0000`),
];

const swapCase = (text: string): string =>
  text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();

function isPrincipal(principal: Principal | null | undefined): void {
  ok(typeof principal === "object" && principal !== null, "good credentials give a principal");
  ok(
    typeof principal.id === "string" && principal.id !== "" && principal.id.length <= MAX_ID,
    "it has an id",
  );
  const { expiresAt } = principal;
  if (expiresAt !== undefined) ok(expiresAt.getTime() > Date.now(), "it ends at a time to come");
}

/** Not `false` either, nor an object that says so: whatever is neither of the two counts as broken. */
const isNobody = (answer: unknown): void =>
  ok(answer === null || answer === undefined, "credentials that are no good give null or undefined");
