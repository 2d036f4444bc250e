import type { Request, Response } from "express";
import type { Access } from "../core/callers/access";
import { bearerToken } from "../internal/bearer";
import { defined } from "../internal/defined";
import type { GatewayError, Op, Principal } from "../ports";
import { clientStop } from "./client-signal";
import type { Exchange } from "./exchange";
import { requestIdOf } from "./request-id";

export interface EntryOptions<P extends Principal> {
  readonly access: Access<P>;
  /** Why requests are turned away at present: starting, failed or closing, which those that begin no work outlive. */
  refusal(beginsWork: boolean): GatewayError | undefined;
}

/**
 * Lets a request in: the gateway is ready, the caller is known and holds the capability. Nothing of the body is read before.
 *
 * @throws GatewayError
 */
export async function enter<P extends Principal>(
  { access, refusal }: EntryOptions<P>,
  req: Request,
  res: Response,
  op: Op | undefined,
): Promise<Exchange<P>> {
  const refused = refusal(op !== undefined);
  if (refused !== undefined) throw refused;
  const stop = clientStop(res);
  stop.throwIfAborted();
  const token = bearerToken(req.headers.authorization);
  const caller = await access.identify(
    defined({ transport: "http", request: req, signal: stop, token }),
    () => req.ip ?? "",
  );
  await access.require(caller, defined({ signal: stop, op }));
  return { req, res, caller, stop, requestId: requestIdOf(res) };
}
