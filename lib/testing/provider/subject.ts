import type { HttpClient, ImageProvider, MaybePromise } from "../../ports";

/** The ways in which an upstream is asked to fail. */
export type UpstreamFailure =
  /** It refuses the gateway's own key. */
  | "auth"
  /** The account has nothing left. */
  | "quota"
  | "rate_limit"
  /** It is too busy and says so before it has begun. */
  | "overloaded"
  /** It does not take a value of the request. */
  | "bad_request"
  | "content_policy"
  /** It does not have the model. */
  | "unknown_model"
  /** It breaks at work, so that the work may have begun. */
  | "crash"
  /** It answers with a word or a shape that its documentation does not know. */
  | "unknown_answer";

/**
 * The upstream behind a provider under test, played by the provider's author. At first its calls succeed. What is asked of it
 * holds for calls to come and for work under way.
 */
export interface ScriptedUpstream {
  /**
   * Lets calls end with `images` pictures each; default: with as many as each asks for. The bytes of the pictures follow from the
   * prompt: the same for the same, others for another. Progress and previews are played where a card promises them.
   */
  succeed(how?: { readonly images?: number }): void;
  /** Takes calls and never finishes them, be it without an answer or with "still at work" for ever. */
  hang(): void;
  /** Lets calls fail; the ways that the real upstream does not know are left out. */
  readonly failures: Readonly<Partial<Record<UpstreamFailure, () => void>>>;
  /** Calls for pictures so far. Looking after one that is under way is none. */
  calls(): number;
  /** What must appear in no message: the key that the provider was given, and what the failures above let slip. */
  readonly secrets?: readonly string[];
  /** What the real upstream would obey when it stands in a prompt, one example of each kind. */
  readonly controls?: readonly string[];
  /** Called after every test. */
  close?(): MaybePromise<void>;
}

export interface ProviderUnderTest {
  readonly provider: ImageProvider;
  /** The id of the card to ask for. Default: the first card. */
  readonly model?: string;
  /** What the provider gets as `ctx.http`. Default: a plain client of the suite's own. */
  readonly http?: HttpClient;
}

interface Common {
  /** Called after every test for each provider made, when that is closed. */
  dispose?(made: ProviderUnderTest): MaybePromise<void>;
  /**
   * How long something may take for which there is no rule, in milliseconds.
   *
   * @default 10000
   */
  readonly patienceMs?: number;
}

interface Alone extends Common {
  readonly upstream?: undefined;
  /** Makes a fresh provider; called for every test. */
  create(): MaybePromise<ProviderUnderTest>;
}

interface WithUpstream<U extends ScriptedUpstream> extends Common {
  /** Starts a fresh upstream; called for every test. Absent: what needs one is not tested. */
  upstream(): MaybePromise<U>;
  /** Makes a fresh provider for an upstream; some tests make two for one. */
  create(upstream: U): MaybePromise<ProviderUnderTest>;
}

/** How `testProvider` comes by the providers it tests. */
export type ProviderSubject<U extends ScriptedUpstream = ScriptedUpstream> = Alone | WithUpstream<U>;
