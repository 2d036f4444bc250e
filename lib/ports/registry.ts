import type { MaybePromise } from "./maybe-promise";
import type { ModelCard } from "./model-card";
import type { Principal } from "./principal";
import type { ImageProvider } from "./provider";
import type { Op } from "./task";

export interface Candidate {
  readonly provider: ImageProvider;
  readonly card: ModelCard;
}

/**
 * Answers which providers can serve a model for a principal.
 *
 * 1. `candidates` gives them in order of preference, each with a card that answers to the id and offers the op; `[]` = not there for
 *    this principal = 404 `model_not_found`.
 * 2. A model that `list` shows to a principal has candidates for it (for one of its ops) by its id and each alias; one it hides has
 *    none.
 * 3. Model ids are compared exactly; ids such as `__proto__` are ordinary unknown ids.
 * 4. Concurrent calls do not mix; both may be asked on every request.
 * 5. May throw, reject or hang (10 s): the caller then gets a 503 `registry_unavailable`. Once `signal` has aborted nobody waits: end
 *    soon, however.
 * 6. `provider` gives, by its id, what `candidates` handed out, in every process that works on jobs. Needed where those are others than
 *    the one that took the request.
 */
export interface ProviderRegistry<P extends Principal = Principal> {
  candidates(query: {
    readonly model: string;
    readonly op: Op;
    readonly principal: P;
    readonly signal: AbortSignal;
  }): MaybePromise<readonly Candidate[]>;
  list(query: { readonly principal: P; readonly signal: AbortSignal }): MaybePromise<readonly ModelCard[]>;
  provider?(id: string): MaybePromise<ImageProvider | undefined>;
}
