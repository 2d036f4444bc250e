import { composeGateway, type ImageGateway } from "./gateway/compose";
import { type AnonymousRouterOptions, type ImageRouterOptions, resolveOptions } from "./gateway/options";
import type { Principal } from "./ports";

/**
 * Makes an Express router that speaks OpenAI's Images API, and the Socket.IO namespace that shows its progress.
 *
 * ```ts
 * const images = createImageRouter({
 *   authenticate: ({ token }) => accounts.findByKey(token),
 *   capabilities: { has: (who, capability) => who.grants.has(capability) },
 *   providers: [openai({ apiKey })],
 * });
 * app.use("/v1", images.router);
 * images.attach(io);
 * ```
 *
 * It is synchronous; what starts asynchronously is awaited by `ready()`.
 *
 * @throws TypeError naming an option that is unknown, missing or wrong, and the remedy
 */
export function createImageRouter(options: AnonymousRouterOptions): ImageGateway<Principal>;
// The last one, because TypeScript explains a mistake by it.
export function createImageRouter<P extends Principal>(options: ImageRouterOptions<P>): ImageGateway<P>;
export function createImageRouter<P extends Principal>(
  options: ImageRouterOptions<P> | AnonymousRouterOptions,
): ImageGateway<P> | ImageGateway<Principal> {
  if (options?.authenticate === false) {
    return composeGateway<Principal>(resolveOptions(options), { anonymous: (id) => ({ id }) });
  }
  return composeGateway(resolveOptions<P>(options), { authenticate: options.authenticate });
}

export type { SigningKey } from "./core/pictures/signed-links";
export type { ModelOptions, ModelRoute } from "./core/registry/model-options";
export type { GatewayHealth, ImageGateway } from "./gateway/compose";
export type { OnDisconnect } from "./gateway/disconnect-check";
export type { Generate, GenerateOptions } from "./gateway/generate";
export { type JsonLoggerOptions, jsonLogger } from "./gateway/json-logger";
export type { LimitOptions } from "./gateway/limits";
export type { LinkOptions } from "./gateway/link-options";
export type { AnonymousRouterOptions, ImageRouterOptions } from "./gateway/options";
export type {
  ExpressErrorMiddleware,
  ExpressMiddleware,
  ExpressRequest,
  ExpressResponse,
} from "./http/express-middleware";
export { type OpenaiErrorHandlerOptions, openaiErrorHandler } from "./http/openai-error-handler";
export * from "./ports";
export type {
  Ack,
  ClientToServerEvents,
  ClosingEvent,
  JobReference,
  PreviewEvent,
  ProgressEvent,
  ServerToClientEvents,
} from "./realtime/events";
export type { GenerationBody } from "./wire/generation-schema";
export type { ImageJob, JobImageObject } from "./wire/job";
export type { ModelObject } from "./wire/models";
export type { ImagesResponse, ImagesResponseItem, ImagesResponseUsage } from "./wire/response";
