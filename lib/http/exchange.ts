import type { Request, Response } from "express";
import type { Caller } from "../core/callers/caller";
import type { Principal } from "../ports";

/** One request that has been let in. */
export interface Exchange<P extends Principal> {
  readonly req: Request;
  readonly res: Response;
  readonly requestId: string;
  readonly caller: Caller<P>;
  /** Aborts when the client has gone before its answer was written. */
  readonly signal: AbortSignal;
}

export type Handler<P extends Principal> = (exchange: Exchange<P>) => Promise<void>;
