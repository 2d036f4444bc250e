import type { MaybePromise, ModelCard, Principal } from "../../ports";

/** One of the providers that serve a model. */
export interface ModelRoute {
  /** The provider's id. */
  readonly provider: string;
  /** The provider's own id for the model. Default: the id that is routed. */
  readonly model?: string;
  /** Neighbours that have one too take turns by chance, in proportion: of 3 and 1 the first is tried first three times in four. Above 0. */
  readonly weight?: number;
}

export interface ModelOptions<P extends Principal = Principal> {
  /** Further ids that clients may write, each with the id it stands for: `{ "dall-e-3": "sdxl" }`. They win over ids of providers. */
  readonly aliases?: Readonly<Record<string, string>>;
  /**
   * Who serves a model, in order of preference, in place of all providers that know it; a text is a provider's id. The model may be one that
   * only exists here: `{ house: [{ provider: "gpu", model: "sdxl" }, { provider: "cloud", model: "flux" }] }`.
   */
  readonly routes?: Readonly<Record<string, readonly (string | ModelRoute)[]>>;
  /**
   * Which models a principal may see and ask for; asked for each card of each provider on every request, so keep it cheap. Default: all.
   * A throw or a rejection is answered with 503 `registry_unavailable`, never with access.
   */
  readonly visible?: (
    card: ModelCard,
    about: { readonly provider: string; readonly principal: P; readonly signal: AbortSignal },
  ) => MaybePromise<boolean>;
  /** How long what a provider says of its models is kept, in seconds. Default 60. */
  readonly cacheSeconds?: number;
}
