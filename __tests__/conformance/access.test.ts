import { readAccounts } from "../../examples/server/accounts";
import { DEFAULT_KEYS } from "../../examples/server/settings";
import { testAuthenticate, testCapabilities } from "../../lib/testing/access";
import {
  authenticate,
  type BrokenAuthenticator,
  brokenAuthenticators,
  REVOKED,
  TOKENS,
} from "./broken-hosts/authenticators";
import { ANN, BOB, type BrokenResolver, brokenResolvers, has } from "./broken-hosts/resolvers";
import { record } from "./recorder";
import { testSuite } from "./verdict";

describe("the example server", () => {
  const findAccount = readAccounts(DEFAULT_KEYS);
  const account = (key: string) => findAccount(key) ?? { id: "", capabilities: new Set<string>() };

  testAuthenticate(
    { describe, it },
    {
      create: () => ({
        authenticate: ({ token }) => (token === undefined ? null : findAccount(token)),
        tokens: ["aigw_sk_demo", "aigw_sk_other", "aigw_sk_nocap"],
        refused: ["aigw_sk_nobody", "demo", "aigw_sk_demo=demo:images"],
      }),
    },
  );
  testCapabilities(
    { describe, it },
    {
      create: () => ({
        capabilities: { has: (who, capability) => who.capabilities.has(capability) },
        holder: account("aigw_sk_demo"),
        other: account("aigw_sk_nocap"),
        model: "dall-e-3",
      }),
    },
  );
});

describe("the suite for authenticators", () => {
  const run = (broken: BrokenAuthenticator | undefined) =>
    record((runner) =>
      testAuthenticate(runner, {
        create: () => ({
          authenticate: broken?.create() ?? authenticate,
          tokens: TOKENS,
          refused: [REVOKED],
        }),
        patienceMs: 1_000,
      }),
    );
  testSuite([1, 2, 3, 4], brokenAuthenticators, run);
});

describe("the suite for capability resolvers", () => {
  const run = (broken: BrokenResolver | undefined) =>
    record((runner) =>
      testCapabilities(runner, {
        create: () => ({
          capabilities: broken?.create() ?? { has },
          holder: ANN,
          other: BOB,
          model: "any",
        }),
        patienceMs: 1_000,
      }),
    );
  testSuite([1, 2, 3, 4], brokenResolvers, run);
});
