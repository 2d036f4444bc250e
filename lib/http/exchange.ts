import type { Request, Response } from "express";
import type { Caller } from "../core/callers/caller";
import type { Stop } from "../internal/stop";
import type { Principal } from "../ports";

/** One request that has been let in. */
export interface Exchange<P extends Principal> {
  readonly req: Request;
  readonly res: Response;
  readonly requestId: string;
  readonly caller: Caller<P>;
  /** When the client has gone before its answer was written. */
  readonly stop: Stop;
}

export type Handler<P extends Principal> = (exchange: Exchange<P>) => Promise<void>;
