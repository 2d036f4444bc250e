import { GatewayError } from "../ports";

const MAX_CLIENT_REQUEST_ID = 512;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

export type Reference =
  | { readonly by: "id"; readonly id: string }
  | { readonly by: "client_request_id"; readonly clientRequestId: string };

/**
 * What a client's `subscribe` or `unsubscribe` is about; other fields are ignored.
 *
 * @throws GatewayError naming the field at fault
 */
export function parseReference(payload: unknown): Reference {
  const fields = parseFields(payload);
  const id = stringField(fields, "id");
  const clientRequestId = stringField(fields, "client_request_id");
  if (id !== undefined && clientRequestId !== undefined) {
    throw new GatewayError("invalid_value", "Give either 'id' or 'client_request_id', not both.", {
      param: "client_request_id",
    });
  }
  if (id !== undefined) return { by: "id", id };
  if (clientRequestId === undefined) throw missing("Give 'id' or 'client_request_id'.");
  if (clientRequestId.length > MAX_CLIENT_REQUEST_ID || !PRINTABLE_ASCII.test(clientRequestId)) {
    throw new GatewayError(
      "invalid_value",
      `'client_request_id' must be 1 to ${MAX_CLIENT_REQUEST_ID} printable ASCII characters.`,
      { param: "client_request_id" },
    );
  }
  return { by: "client_request_id", clientRequestId };
}

/** @throws GatewayError naming the field at fault */
export function parseId(payload: unknown): string {
  const id = stringField(parseFields(payload), "id");
  if (id === undefined) throw missing("Give 'id'.");
  return id;
}

/** @throws GatewayError `invalid_type` */
export function parsePreviews(payload: unknown): boolean | undefined {
  const previews = parseFields(payload)("previews");
  if (previews === undefined || typeof previews === "boolean") return previews;
  throw wrongType("previews", "a boolean");
}

type Fields = (name: string) => unknown;

/** Only own members of a plain object count: binary, arrays and what prototypes hold are no fields. `null` counts as absent. */
function parseFields(payload: unknown): Fields {
  if (payload === undefined) throw missing("Give an object with 'id' or 'client_request_id'.");
  if (typeof payload !== "object" || payload === null || !isPlain(payload)) {
    throw new GatewayError("invalid_type", "The payload must be an object.");
  }
  return (name) => (Object.hasOwn(payload, name) ? (Reflect.get(payload, name) ?? undefined) : undefined);
}

/** By the chain's length, since a parser of another realm has an `Object.prototype` of its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function stringField(fields: Fields, name: string): string | undefined {
  const value = fields(name);
  if (value === undefined || typeof value === "string") return value;
  throw wrongType(name, "a string");
}

const missing = (message: string) => new GatewayError("missing_required_parameter", message, { param: "id" });

const wrongType = (param: string, wanted: string) =>
  new GatewayError("invalid_type", `'${param}' must be ${wanted}.`, { param });
