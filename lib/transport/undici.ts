import { Readable } from "node:stream";
import type { Agent } from "undici";
import { inPieces, PIECE_BYTES } from "../internal/in-pieces";

import { ADDRESS_ATTEMPT_MS, type Call, type Driver, IDLE_SOCKET_MS, MAX_HEADER_BYTES } from "./driver";
import { UndiciReception } from "./undici-reception";

type Library = typeof import("undici");

/** Connections of undici, and the driver that uses them. */
export interface UndiciConnections {
  readonly driver: Driver;
  /** Cuts all of them. */
  destroy(): void;
}

/**
 * Sends requests with undici, on connections that are kept for the next one. The only place that knows undici, which is loaded with the
 * first request.
 *
 * @param connectMs after which a connection that does not come about is given up, also where nobody waits for it any more
 */
export function undiciConnections(connectMs: number): UndiciConnections {
  let agent: Agent | undefined;
  const connections = (): Agent => {
    if (agent !== undefined) return agent;
    const library: Library = require("undici");
    agent = new library.Agent({
      connect: {
        timeout: connectMs,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
      },
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      allowH2: false,
    });
    return agent;
  };

  return {
    driver({ method, url, headers: given, body: whole }, passage) {
      const { body, headers } = piecemeal(whole, given);
      const source = body instanceof Readable ? body : undefined;
      const reception = new UndiciReception(passage, url.protocol === "https:", source);
      const path = url.pathname + url.search;
      try {
        connections().dispatch(
          {
            origin: url.origin,
            path,
            method,
            headers,
            body: body ?? null,
            idempotent: false,
          },
          reception,
        );
      } catch {
        passage.unusable();
      }
      return reception;
    },
    destroy() {
      agent?.destroy().catch(() => {});
    },
  };
}

/** A large body is handed over piece by piece: undici does not tell when a whole one has been taken. */
function piecemeal(body: Call["body"], headers: Call["headers"]): Pick<Call, "body" | "headers"> {
  if (body === undefined || body instanceof Readable || body.length <= PIECE_BYTES) return { body, headers };
  const bytes = Buffer.from(body);
  return {
    body: Readable.from(inPieces(bytes), { objectMode: false }),
    headers: { ...headers, "content-length": String(bytes.length) },
  };
}
