import { MIB } from "../../internal/byte-sizes";
import { defined } from "../../internal/defined";
import type { ContextHttpRequest, HttpResponse } from "../../ports/http-client";
import type { ImageProvider, ProbeContext, RunContext, RunResult } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import type { ImageTask } from "../../ports/task";
import { errorInStream, errorOf, requestId } from "../upstream/error-answer";
import { probe } from "../upstream/probe";
import { providerError } from "../upstream/transport-fault";
import { readAnswer } from "./answer";
import { MAX_LIST_BYTES, readModels } from "./model-list";
import { type OpenAIOptions, resolveOptions } from "./options";
import { pictureForm } from "./picture-form";
import { compose } from "./request-body";

export type { DialectName } from "./dialects";
export type { OpenAIOptions } from "./options";

/** Room for everything in an answer that is no picture. */
const SLACK_BYTES = MIB;
/** Of one answer, whatever it was asked for. */
const MAX_ANSWER_BYTES = 2 ** 30;

const REFUSALS: Readonly<Record<ImageTask["op"], string>> = {
  generate: "this model makes no pictures from a prompt alone",
  edit: "this model edits no pictures",
  variation: "this model makes no variations",
};

/**
 * A provider for OpenAI and for servers that speak its Images API: Azure, LocalAI, stable-diffusion.cpp and others.
 *
 * @example
 * openai({ apiKey: process.env.OPENAI_API_KEY })
 * @example
 * openai({ id: "localai", baseUrl: "http://localai:8080/v1", dialect: "localai", models: ["sdxl"] })
 * @throws TypeError naming the option that is wrong, and the remedy.
 */
export function openai(options: OpenAIOptions = {}): ImageProvider {
  const { id, cards, dialect, endpoints, headers, maxImageBytes, sanitizePrompt, secrets } =
    resolveOptions(options);

  /** One exchange; whatever goes wrong in it, and in reading it, becomes a ProviderError. */
  async function exchange<T>(
    ctx: ProbeContext,
    request: ContextHttpRequest,
    hidden: readonly string[],
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<T> {
    let answered = false;
    try {
      const response = await ctx.http.request(request);
      if (response.status < 200 || response.status > 299) throw await errorOf(response, hidden);
      answered = true;
      return await read(response);
    } catch (error) {
      throw providerError(error, ctx.signal, answered);
    }
  }

  async function run(task: ImageTask, ctx: RunContext): Promise<RunResult> {
    const card = cards.forUpstream(task.model);
    if (card.ops?.includes(task.op) !== true) {
      throw new ProviderError("invalid_request", REFUSALS[task.op], { started: "no" });
    }
    const url = endpoints.images(task.op, task.model);
    const modelInBody = !endpoints.modelInPath;
    const { fields, ...composed } = compose(task, { dialect, card, sanitizePrompt, modelInBody });
    const sent = task.op === "generate" ? jsonBody(fields) : pictureForm(task, fields);
    const pictures = task.n * (1 + (task.partialImages ?? 0));
    const maxBytes = Math.min(Math.ceil((pictures * maxImageBytes * 4) / 3) + SLACK_BYTES, MAX_ANSWER_BYTES);
    const hidden = [...secrets, ...promptsOf(task)];

    ctx.progress({ phase: "sampling" });
    const request = {
      method: "POST",
      url,
      headers: { ...headers, ...sent.headers },
      body: sent.body,
      maxBytes,
      bulk: true,
    } as const;
    return exchange(ctx, request, hidden, (response) => {
      ctx.progress({ phase: "decoding" });
      const upstreamId = requestId(response.headers, secrets);
      return readAnswer(
        response,
        defined({
          n: task.n,
          partials: Number(fields["partial_images"] ?? 0),
          // Whatever breaks then is the provider's one kind of error.
          faultOf: (error: unknown) => providerError(error, ctx.signal, true),
          failureOf: (text: string) => errorInStream(text, hidden),
          ...composed,
          upstreamId,
        }),
      );
    });
  }

  const listing = { method: "GET", url: endpoints.models, headers, maxBytes: MAX_LIST_BYTES } as const;

  return {
    id,
    models: (ctx) =>
      cards.named ?? exchange(ctx, listing, secrets, (response) => readModels(response, dialect)),
    run,
    health: (ctx) => probe(ctx, listing, "the list of models"),
  };
}

const jsonBody = (fields: Readonly<Record<string, unknown>>) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(fields),
});

/** What a caller has written is their secret too, once it is long enough to be told from any other word. */
const promptsOf = (task: ImageTask): string[] =>
  [task.op === "variation" ? "" : task.prompt, task.negativePrompt ?? ""].filter((text) => text.length >= 8);
