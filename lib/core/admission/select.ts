import { andThen, unlessFailed } from "../../internal/and-then";
import { within } from "../../internal/deadline";
import { shortened } from "../../internal/shortened";
import type { Stop, Stopping } from "../../internal/stop";
import { withSignal } from "../../internal/with-signal";
import type { Candidate, ImageRequest, Logger, Op, Principal, ProviderRegistry } from "../../ports";
import { GatewayError } from "../../ports";
import { describeError, saidBy } from "../describe-error";
import { applyCard, type CardRulesOptions, type CardVerdict } from "./card-rules";

const REGISTRY_LIMIT_MS = 10_000;
/** Of a model's name that does not exist: it may fill a whole body. */
const MAX_SHOWN = 100;

/**
 * Asks the registry who can serve a model for a principal.
 *
 * @throws GatewayError `model_not_found`, `registry_unavailable`
 */
export function findCandidates<P extends Principal>(
  registry: ProviderRegistry<P>,
  query: { readonly model: string; readonly op: Op; readonly principal: P; readonly signal: Stopping },
  log: Logger,
): readonly Candidate[] | Promise<readonly Candidate[]> {
  const { model, op, principal, signal } = query;
  const asked = askRegistry(log, signal, (limit) =>
    andThen(registry.candidates(withSignal({ model, op, principal }, limit)), listOf),
  );
  return andThen(asked, (found) => {
    if (found.length === 0) throw unknownModel(model);
    return found;
  });
}

const unknownModel = (model: string): GatewayError =>
  new GatewayError(
    "model_not_found",
    `The model '${shortened(model, MAX_SHOWN)}' does not exist or you do not have access to it.`,
    { param: "model" },
  );

/** A host without types may give anything. */
const listOf = (candidates: readonly Candidate[]): readonly Candidate[] => [...candidates];

/** Any failure or silence of a host's registry is one 503. */
export function askRegistry<T>(
  log: Logger,
  parent: Stopping,
  ask: (limit: Stop) => T | Promise<T>,
): T | Promise<T> {
  return unlessFailed(
    () => within(REGISTRY_LIMIT_MS, parent, ask),
    (error) => {
      if (GatewayError.is(error)) throw error;
      if (!parent.aborted) {
        log.error({ hook: "registry", ...describeError(error) }, "the provider registry failed");
        log.debug({ hook: "registry", text: saidBy(error) }, "what the registry threw");
      }
      throw new GatewayError(
        "registry_unavailable",
        "The models cannot be looked up right now. Try again shortly.",
        { retryAfterSeconds: 5, cause: error },
      );
    },
  );
}

export interface Selection {
  readonly candidate: Candidate;
  readonly verdict: CardVerdict;
}

/**
 * The first candidate whose card accepts the request.
 *
 * @throws GatewayError what the preferred candidate says, when none accepts
 */
export function select(
  candidates: readonly Candidate[],
  request: ImageRequest,
  options: CardRulesOptions,
): Selection {
  let refusal: unknown;
  for (const candidate of candidates) {
    try {
      return { candidate, verdict: applyCard(candidate.card, request, options) };
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}
