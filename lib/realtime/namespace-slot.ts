import type { ErrorBody } from "../ports";
import { closed } from "../ports/common-errors";
import { toConnectError } from "./refusal";
import type { GatewayNamespace, GatewaySocket } from "./session";

/** Decides about one socket: gives what its client is told, or `undefined` to let it in. Never rejects. */
export type Doorkeeper = (socket: GatewaySocket) => Promise<ErrorBody | undefined>;

interface Slot {
  doorkeeper: Doorkeeper | undefined;
}

/** In the global registry, so that two installed copies of the package see each other. */
const SLOT = Symbol.for("express-image-gateway.namespace");

/**
 * Makes a doorkeeper the one of a namespace. Socket.IO cannot take a middleware away, so the one that is put in here stays
 * for good: it refuses with `closed` while there is no doorkeeper, and serves the next one.
 *
 * @returns the way to give the namespace back
 * @throws Error when the namespace has a doorkeeper
 */
export function occupyNamespace(namespace: GatewayNamespace, doorkeeper: Doorkeeper): () => void {
  const slot = slotOf(namespace) ?? installSlot(namespace);
  if (slot.doorkeeper !== undefined) {
    throw new Error(
      `An image router is attached to the namespace '${namespace.name}' already. ` +
        "Give each router a namespace of its own with the option 'namespace'.",
    );
  }
  slot.doorkeeper = doorkeeper;
  return () => {
    if (slot.doorkeeper === doorkeeper) slot.doorkeeper = undefined;
  };
}

function installSlot(namespace: GatewayNamespace): Slot {
  const slot: Slot = { doorkeeper: undefined };
  Object.defineProperty(namespace, SLOT, { value: slot });

  const decide = async (socket: GatewaySocket): Promise<ErrorBody | undefined> =>
    slot.doorkeeper === undefined ? closed().body : slot.doorkeeper(socket);
  namespace.use((socket, next) => {
    void decide(socket).then((refusal) => {
      if (refusal === undefined) next();
      else next(toConnectError(refusal));
    });
  });
  return slot;
}

function slotOf(namespace: GatewayNamespace): Slot | undefined {
  const slot: unknown = Reflect.get(namespace, SLOT);
  return isSlot(slot) ? slot : undefined;
}

const isSlot = (value: unknown): value is Slot =>
  typeof value === "object" && value !== null && "doorkeeper" in value;
