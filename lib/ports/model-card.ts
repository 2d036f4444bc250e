import type { Op } from "./task";

/** One rule for sizes; a card may hold several, and any of them may accept. `auto` = the model's own choice is allowed. */
export type SizeRule =
  | { readonly kind: "list"; readonly values: readonly string[]; readonly auto?: boolean }
  | {
      readonly kind: "grid";
      /** Both sides are multiples of this. */
      readonly step: number;
      readonly min?: number;
      readonly max?: number;
      readonly maxPixels?: number;
      /** Width divided by height. */
      readonly minRatio?: number;
      readonly maxRatio?: number;
      readonly auto?: boolean;
    }
  | {
      readonly kind: "ratio";
      /** `W:H` */
      readonly values: readonly string[];
      /** Relative; default 0.02. */
      readonly tolerance?: number;
      readonly auto?: boolean;
    }
  | { readonly kind: "any" };

/** The request parameters that a card can say yes or no to. */
export type CardParameter =
  | "seed"
  | "negativePrompt"
  | "quality"
  | "style"
  | "background"
  | "moderation"
  | "output"
  | "mask"
  | "endUser";

export interface ModelLimits {
  /** Images per upstream call; the gateway splits a larger n. Default 10. */
  readonly n?: number;
  /** Code points; default 4000. */
  readonly promptChars?: number;
  /** Pictures that an edit may begin with, up to the gateway's own 16. */
  readonly inputImages?: number;
  /** One of these pictures, in bytes. */
  readonly inputBytes?: number;
  /** Calls of one job at the same time. Default 2. */
  readonly concurrent?: number;
  readonly sizes?: readonly SizeRule[];
  readonly qualities?: readonly string[];
  readonly styles?: readonly string[];
  readonly backgrounds?: readonly string[];
  /** Output formats it can make: `png`, `jpeg`, `webp`, … */
  readonly formats?: readonly string[];
}

/**
 * What a provider says of one model. The same card feeds validation, routing and `GET /models`.
 *
 * Every member below `id` may be absent: `undefined` = not known = not checked here, the upstream decides.
 * `false` and `[]` = known not to be there.
 */
export interface ModelCard {
  /** What clients write in `model`. */
  readonly id: string;
  /** The upstream's own name, where it differs from `id`. */
  readonly upstream?: string;
  /** Further ids that clients may write. */
  readonly aliases?: readonly string[];
  /** Whom `GET /models` names as owner. Default: the provider's id; with a registry of the host's own, `gateway`. */
  readonly ownedBy?: string;
  /** Seconds since 1970, as `GET /models` shows it. */
  readonly created?: number;
  /** Default: `["generate"]`. */
  readonly ops?: readonly Op[];
  readonly limits?: ModelLimits;
  /** `false`: the parameter is dropped with a warning. */
  readonly params?: Readonly<Partial<Record<CardParameter, boolean>>>;
  /**
   * Fields that OpenAI does not know: the listed ones are forwarded. `pass` forwards all but those that steer an upstream
   * (URLs, files, webhooks, settings) and must be written by the operator. Default `[]`.
   */
  readonly extra?: "pass" | readonly string[];
  /** What a request without `response_format` gets; default `url`, for GPT image ids `b64_json`. */
  readonly defaultResponseFormat?: "url" | "b64_json";
  /** `native`: the provider streams partial images by itself. */
  readonly stream?: "native" | false;
  readonly progress?: "steps" | "status" | false;
  readonly previews?: boolean;
  /**
   * What stopping is good for. Every provider stops on its signal; `running: "no"` says that the upstream works on (and bills) all the
   * same, so a job whose caller has left finishes into the store instead. Absent: jobs of callers who left are cancelled.
   */
  readonly cancel?: { readonly queued: "yes" | "no"; readonly running: "yes" | "best_effort" | "no" };
  /**
   * What happens to a job when the caller that waits for it leaves and does not come back: `finish` keeps its pictures, to be fetched by the
   * job's id. Default: the option `onDisconnect`, else as `cancel` says.
   */
  readonly onDisconnect?: "cancel" | "finish";
  /** The provider's `resume` works for this model. */
  readonly resume?: boolean;
  /** The provider awaits `ctx.submitted` before it sends anything: without a ref nothing has begun. */
  readonly namesFirst?: boolean;
  /** The upstream itself refuses to run one `callKey` twice. */
  readonly idempotent?: boolean;
  readonly cost?: { readonly perImageUsd?: number };
}
