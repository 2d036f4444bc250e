import { GatewayError } from "../ports";
import type { GatewaySocket } from "./session";

/** As much as Node's default header limit could carry. */
const MAX_TOKEN = 16_384;

/**
 * The token of a handshake: `auth.token`, else the bearer of `Authorization`. Query strings end up in logs and are not read.
 *
 * @throws GatewayError `invalid_api_key` for one beyond any use
 */
export function handshakeToken(
  handshake: Pick<GatewaySocket["handshake"], "auth" | "headers">,
): string | undefined {
  const auth: unknown = handshake.auth;
  const given = ownValue(auth, "token");
  if (typeof given !== "string" || given === "") return bearer(handshake.headers.authorization);
  if (given.length > MAX_TOKEN) throw new GatewayError("invalid_api_key", "Incorrect API key provided.");
  return given;
}

/** `auth: { previews: false }` mutes pictures. */
export const wantsPreviews = (handshake: Pick<GatewaySocket["handshake"], "auth">): boolean =>
  ownValue(handshake.auth, "previews") !== false;

const bearer = (header: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(header ?? "")?.[1];

function ownValue(from: unknown, key: string): unknown {
  if (typeof from !== "object" || from === null) return undefined;
  return Object.getOwnPropertyDescriptor(from, key)?.value;
}
