import { createServer } from "node:http";
import express, { type NextFunction, type Request, type Response } from "express";
import {
  type Authenticate,
  type CapabilityResolver,
  type ClientToServerEvents,
  createImageRouter,
  type ExpressMiddleware,
  GatewayError,
  type ImageJob,
  type Logger,
  openaiErrorHandler,
  type Principal,
  type ProviderRegistry,
  type ServerToClientEvents,
} from "express-image-gateway";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { openai } from "express-image-gateway/providers/openai";
import { Server } from "socket.io";

import { card, studio } from "./provider.js";
import { countingStore } from "./store.js";

interface Account extends Principal {
  readonly plan: "free" | "gold";
  readonly grants: ReadonlySet<string>;
}

const accounts = new Map<string, Account>();

const authenticate: Authenticate<Account> = ({ token, transport, request }) =>
  transport === "http" && request.headers["x-maintenance"] !== undefined
    ? null
    : accounts.get(token ?? "anonymous");

const capabilities: CapabilityResolver<Account> = {
  has: (who, capability, { model }) =>
    who.grants.has(capability) && (model !== card.id || who.plan === "gold"),
};

const upstream = openai({ apiKey: "key", models: ["gpt-image-1.5"] });

const registry: ProviderRegistry<Account> = {
  async candidates({ model, principal }) {
    if (model === card.id) return [{ provider: studio, card }];
    const cards = principal.plan === "gold" ? [{ id: "gpt-image-1.5" }] : [];
    return cards.map((one) => ({ provider: upstream, card: one }));
  },
  list: ({ principal }) => (principal.plan === "gold" ? [card] : []),
};

const lines: [string, object, string][] = [];
const logger: Logger = {
  debug: (about, message) => void lines.push(["debug", about, message]),
  info: (about, message) => void lines.push(["info", about, message]),
  warn: (about, message) => void lines.push(["warn", about, message]),
  error: (about, message) => void lines.push(["error", about, message]),
};

export const images = createImageRouter({
  authenticate,
  capabilities,
  providers: registry,
  store: countingStore((key) => logger.info({ key }, "stored")),
  jobs: memoryJobs(),
  logger,
  limits: { imagesPerRequest: 4 },
  links: { ttlSeconds: 60 },
});

const app = express();
app.use("/v1", images.router);
const nested = express.Router();
nested.use((req: Request, res: Response, next: NextFunction) => images.router(req, res, next));
const mounts: { path: string; router: ExpressMiddleware }[] = [{ path: "/v2", router: images.router }];
for (const { path, router } of mounts) app.use(path, nested, router);
app.use(openaiErrorHandler({ logger }));

const server = createServer(app);
const io = new Server<ClientToServerEvents, ServerToClientEvents>(server);
images.attach(io);
io.of("/image-progress").on("connection", (socket) => {
  socket.on("cancel", ({ id }) => logger.debug({ id }, "a client cancels"));
});

/** A server that is typed for events of the host's own. */
interface HostEvents {
  say: (text: string, heard: (answer: string) => void) => void;
}
images.attach(new Server<HostEvents, HostEvents, Record<string, never>, { readonly name: string }>());

const percents: number[] = [];
const follow = (job: ImageJob): void => void percents.push(job.progress);

export async function poster(who: Account, signal: AbortSignal): Promise<string> {
  try {
    const request = { model: card.id, prompt: "a poster", response_format: "b64_json" } as const;
    const { data } = await images.generate(who, request, { signal, onProgress: follow });
    return data[0]?.b64_json ?? "";
  } catch (error) {
    if (GatewayError.is(error) && error.code === "content_policy_violation") return error.body.message;
    throw error;
  }
}

/** The principal of the host is inferred from its authenticator, without a type written anywhere. */
export const inferred = createImageRouter({
  authenticate: async ({ token }) => (token === undefined ? null : { id: token, team: 7 }),
  capabilities: (who, capability) => capability === "images" && who.team.toFixed() !== "0",
  providers: [studio],
});
export const models = inferred.models({ id: "ann", team: 7 });
export const open = createImageRouter({ authenticate: false, capabilities: () => true, providers: [studio] });
