/** A picture that goes with a call. We send `file` only: an address would be fetched by somebody else's rules. */
export type ImageModelFile =
  | { readonly type: "file"; readonly mediaType: string; readonly data: string | Uint8Array }
  | { readonly type: "url"; readonly url: string };

/** What a model is called with. `files` and `mask` exist from version 3 on; a prompt may be absent from version 3 on. */
export interface ImageModelCall {
  readonly prompt: string | undefined;
  readonly n: number;
  readonly size: `${number}x${number}` | undefined;
  readonly aspectRatio: `${number}:${number}` | undefined;
  readonly seed: number | undefined;
  readonly files?: readonly ImageModelFile[] | undefined;
  readonly mask?: ImageModelFile | undefined;
  readonly providerOptions: ProviderOptions;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly abortSignal?: AbortSignal | undefined;
}

/** Vendor's name → its own options. */
export type ProviderOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * An image model of the AI SDK, of any specification version, by its shape: the types of `ai` and `@ai-sdk/provider` fit it
 * without a cast. What `doGenerate` resolves to is looked at when it comes.
 *
 * @see https://github.com/vercel/ai/tree/main/packages/provider/src/image-model
 */
export interface ImageModel {
  readonly specificationVersion: "v2" | "v3" | "v4";
  readonly provider: string;
  readonly modelId: string;
  readonly maxImagesPerCall:
    | number
    | undefined
    | ((about: { modelId: string }) => PromiseLike<number | undefined> | number | undefined);
  /** From version 4 on; `undefined` = not known. */
  readonly supportsFileInputs?: PromiseLike<boolean | undefined> | boolean | undefined;
  /** From version 4 on; `undefined` = not known. */
  readonly supportsMaskInputs?: PromiseLike<boolean | undefined> | boolean | undefined;
  doGenerate(call: ImageModelCall): PromiseLike<unknown>;
}

const VERSIONS: readonly unknown[] = ["v2", "v3", "v4"] satisfies ImageModel["specificationVersion"][];

/** Why a value is no model that can be called; `undefined` when it is one. For hosts without types. */
export function problemOfModel(value: unknown): string | undefined {
  if (typeof value === "string") return "is a name: give the model itself, such as vendor.image(name)";
  const isReady = typeof value === "object" && value !== null && "doGenerate" in value;
  if (!isReady || typeof value.doGenerate !== "function") {
    return "is no model of the AI SDK: give what vendor.image(name) returns";
  }
  // A language model has a doGenerate too.
  if (!("maxImagesPerCall" in value)) return "is no image model: give what vendor.image(name) returns";
  if ("specificationVersion" in value && VERSIONS.includes(value.specificationVersion)) return undefined;
  return "is of a specification version that is not known here: use a package of versions v2, v3 or v4";
}
