import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import express, { type Express } from "express";
import {
  createImageRouter,
  type ImageGateway,
  type ImageProvider,
  type ImageRouterOptions,
  type Principal,
} from "express-image-gateway";
import { memoryStore } from "express-image-gateway/stores/memory";
import { Server } from "socket.io";
import { type Socket as ClientSocket, io as connect } from "socket.io-client";

import { scriptedProvider } from "./scripted-provider";

export interface TestPrincipal extends Principal {
  readonly capabilities: readonly string[];
}

/** Who the test host knows. */
export const PRINCIPALS: ReadonlyMap<string, TestPrincipal> = new Map([
  ["sk-ann", { id: "ann", capabilities: ["images"] }],
  ["sk-bob", { id: "bob", capabilities: ["images"] }],
  ["sk-eve", { id: "eve", capabilities: [] }],
]);

export interface LogLine {
  readonly level: string;
  readonly about: object;
  readonly message: string;
}

export interface TestHost {
  readonly app: Express;
  readonly images: ImageGateway<TestPrincipal>;
  readonly io: Server;
  readonly url: string;
  readonly log: LogLine[];
  /** A socket of the progress namespace; closed with the host. */
  socket(auth: Record<string, unknown>): ClientSocket;
  close(): Promise<void>;
}

export interface HostSetup {
  readonly options?: Partial<ImageRouterOptions<TestPrincipal>>;
  readonly providers?: readonly ImageProvider[];
  readonly mount?: string;
  /** `false`: do not wait for the gateway before listening. */
  readonly untilReady?: boolean;
  /** Middleware of the host that stands before the router. */
  before?(app: Express): void;
  /** Routes of the host that stand after the router. */
  after?(app: Express): void;
}

/** A real Express app with the router and the namespace, on a loopback port. */
export async function startHost(setup: HostSetup = {}): Promise<TestHost> {
  const log: LogLine[] = [];
  const at = (level: string) => (about: object, message: string) => void log.push({ level, about, message });
  const images = createImageRouter<TestPrincipal>({
    authenticate: ({ token }) => (token === undefined ? null : PRINCIPALS.get(token)),
    capabilities: { has: (who, capability) => who.capabilities.includes(capability) },
    providers: setup.providers ?? [scriptedProvider()],
    store: memoryStore(),
    logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    ...setup.options,
  });
  const app = express();
  setup.before?.(app);
  app.use(setup.mount ?? "/v1", images.router);
  setup.after?.(app);
  const server = createServer(app);
  const io = new Server(server);
  images.attach(io);
  if (setup.untilReady !== false) await images.ready();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  const sockets: ClientSocket[] = [];

  return {
    app,
    images,
    io,
    url,
    log,
    socket(auth) {
      const socket = connect(`${url}/image-progress`, {
        auth,
        forceNew: true,
        reconnection: false,
        transports: ["websocket"],
      });
      sockets.push(socket);
      return socket;
    },
    async close() {
      for (const socket of sockets) socket.disconnect();
      await images.close({ timeoutMs: 0 });
      await io.close();
      server.closeAllConnections();
    },
  };
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0;

/** A generation request as `ann`, or with the given headers instead. */
export const generate = (
  host: Pick<TestHost, "url">,
  body: unknown,
  headers: Record<string, string> = {},
  mount = "/v1",
): Promise<Response> =>
  fetch(`${host.url}${mount}/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const PROMPT = { model: "test-model", prompt: "a red cube" } as const;

/** The JSON of an answer, for a test to look into. */
export const jsonOf = async (answer: Response) => JSON.parse(await answer.text());
