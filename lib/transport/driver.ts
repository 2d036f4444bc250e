import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { KIB } from "../internal/byte-sizes";
import type { AtHand } from "../internal/supply";

/** One request as it goes to a library. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | Readable | undefined;
}

/** An answer whose headers are there. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next piece of the body; `undefined` at its end. Rejects when it breaks off. */
  next(): Promise<Uint8Array | undefined>;
  /** @see Supply.atHand */
  atHand?(): AtHand<Uint8Array>;
  /** @see Supply.arrival */
  arrival?(): Promise<void> | undefined;
  /** Both sides are done with each other: the connection can serve another request. */
  isOver(): boolean;
}

/** What a driver tells of a request on its way. */
export interface Passage {
  /** There is a connection, and TLS begins on it. */
  handshaking(): void;
  /** From here on the upstream may have something of the request. */
  connected(): void;
  /** All of the request has been handed to the connection. */
  sent(): void;
  answered(answer: Answer): void;
  /** The connection broke; what Node or the library says of it. An answer under way rejects its `next` as well. */
  broken(error: unknown): void;
  /** The connection has ended, and nothing is known of a reason. */
  closed(): void;
  /** The library does not take the request. */
  unusable(): void;
}

/** A request that has been begun. */
export interface Begun {
  /** Cuts it, whatever it has come to. Told nothing more afterwards. */
  destroy(): void;
}

/** Sends requests over connections of its own. Knows no limits of time and size: those are its callers'. */
export type Driver = (call: Call, passage: Passage) => Begun;

/** Longer headers are a fault of the upstream's. */
export const MAX_HEADER_BYTES = 16 * KIB;

/**
 * Node, uvicorn and cpp-httplib close an idle connection after 5 s. Ending ours earlier avoids sending a request, which may
 * be paid for, into a connection that is being closed.
 */
export const IDLE_SOCKET_MS = 4_000;

/** Node's own 250 ms give up on a distant address too soon when a name has several. */
export const ADDRESS_ATTEMPT_MS = 1_000;
