import { andThen, unlessFailed } from "../../internal/and-then";
import { within } from "../../internal/deadline";
import { defined } from "../../internal/defined";
import { newId } from "../../internal/ids";
import type { Stop, Stopping } from "../../internal/stop";
import { withSignal } from "../../internal/with-signal";
import type {
  Authenticate,
  CapabilityQuestion,
  CapabilityResolver,
  Credentials,
  Logger,
  MaybePromise,
  Principal,
} from "../../ports";
import { GatewayError } from "../../ports";
import { describeError, saidBy } from "../describe-error";
import { anonymousCaller, type Caller, knownCaller } from "./caller";

/** The one capability that every route and the namespace ask for. */
const IMAGES = "images";

const HOOK_LIMIT_MS = 10_000;
const MAX_PRINCIPAL_ID = 512;

export interface AccessOptions<P extends Principal> {
  /** The host's authenticator, or what makes a principal for each request when there is none. */
  readonly identity: { readonly authenticate: Authenticate<P> } | { readonly anonymous: (id: string) => P };
  readonly capabilities: CapabilityResolver<P>;
  readonly log: Logger;
}

type Stoppable<T> = Omit<T, "signal"> & { readonly signal: Stopping };

/** Who calls and what they may do, on HTTP and on sockets alike. Fails closed. */
export interface Access<P extends Principal> {
  /**
   * At once where the host's hook answers at once; so does `require`.
   *
   * @param addressOf the client's address as the edge sees it; asked for only where callers have no name
   * @throws GatewayError `invalid_api_key`, `auth_unavailable`
   */
  identify(from: Stoppable<Credentials>, addressOf: () => string): MaybePromise<Caller<P>>;
  /** @throws GatewayError `missing_capability`, `auth_unavailable` */
  require(caller: Caller<P>, about: Stoppable<CapabilityQuestion>): MaybePromise<void>;
}

export function createAccess<P extends Principal>(options: AccessOptions<P>): Access<P> {
  const { identity, capabilities, log } = options;

  /** Asks a hook of the host; a throw, a rejection or silence denies. @param secrets that it knows, and may say */
  const ask = <T>(
    hook: string,
    signal: Stopping,
    secrets: readonly string[],
    call: (limit: Stop) => MaybePromise<T>,
  ): MaybePromise<T> =>
    unlessFailed(
      () => within(HOOK_LIMIT_MS, signal, call),
      (error) => {
        // The caller has gone: nobody reads the answer, and it is not the hook's fault.
        if (!signal.aborted) {
          log.error({ hook, ...describeError(error) }, "a host hook failed; access denied");
          log.debug({ hook, text: saidBy(error, secrets) }, "what the hook threw");
        }
        throw unavailable(error);
      },
    );

  /** Of what the authenticator says. */
  const callerOf = (principal: P | null | undefined, hasToken: boolean): Caller<P> => {
    if (principal === null || principal === undefined) throw badCredentials(hasToken);
    if (!hasUsableId(principal)) {
      log.error(
        { hook: "authenticate" },
        "authenticate must resolve to null or to a principal with a non-empty string id (at most 512 characters) and, if at all, a valid Date as expiresAt",
      );
      throw unavailable();
    }
    if (principal.expiresAt !== undefined && principal.expiresAt.getTime() <= Date.now()) {
      throw new GatewayError("invalid_api_key", "The credentials have expired.");
    }
    return knownCaller(principal);
  };

  return {
    identify(from, addressOf) {
      if ("anonymous" in identity) return anonymousCaller(identity.anonymous(newId("anon_")), addressOf());
      const { transport, request, token, signal } = from;
      const asked = ask("authenticate", signal, token === undefined ? [] : [token], (limit) =>
        identity.authenticate(withSignal(defined({ transport, request, token }), limit)),
      );
      return andThen(asked, (principal) => callerOf(principal, token !== undefined));
    },

    require(caller, { op, model, signal }) {
      const asked = ask("capabilities", signal, [], (limit) =>
        capabilities.has(caller.principal, IMAGES, withSignal(defined({ op, model }), limit)),
      );
      return andThen(asked, (granted) => {
        if (granted !== true) throw missingCapability(model);
      });
    },
  };
}

const unavailable = (cause?: unknown): GatewayError =>
  new GatewayError("auth_unavailable", "Access cannot be checked right now. Try again shortly.", {
    retryAfterSeconds: 5,
    cause,
  });

const missingCapability = (model: string | undefined): GatewayError =>
  new GatewayError(
    "missing_capability",
    model === undefined
      ? `These credentials do not hold the capability '${IMAGES}'.`
      : `These credentials do not hold the capability '${IMAGES}' for this model.`,
    { param: model === undefined ? undefined : "model" },
  );

function badCredentials(given: boolean): GatewayError {
  return new GatewayError(
    "invalid_api_key",
    given
      ? // litellm tells a wrong key from a wrong request by these very words.
        "Incorrect API key provided."
      : "No API key was given. Send it as 'Authorization: Bearer YOUR_KEY', or as auth.token on a socket.",
  );
}

const hasUsableId = (principal: Principal): boolean =>
  typeof principal === "object" &&
  typeof principal.id === "string" &&
  principal.id !== "" &&
  principal.id.length <= MAX_PRINCIPAL_ID &&
  (principal.expiresAt === undefined || isDate(principal.expiresAt));

/** An invalid date compares with nothing: credentials that carry one would never end. */
const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(value.getTime());
