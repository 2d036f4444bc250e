import type { Request } from "express";

import { GatewayError } from "../ports";

/**
 * A query parameter as one text. Express' parsers make arrays and objects of repeated and bracketed ones; those are refused.
 *
 * @throws GatewayError `invalid_value`
 */
export function textQuery(req: Request, name: string): string | undefined {
  const value: unknown = req.query[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new GatewayError("invalid_value", `Invalid '${name}': expected one value.`, { param: name });
}

/** @throws GatewayError `invalid_value` */
export function integerQuery(
  req: Request,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textQuery(req, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new GatewayError("invalid_value", `Invalid '${name}': expected ${range.min} to ${range.max}.`, {
    param: name,
  });
}

/** @throws GatewayError `invalid_value` */
export function oneOfQuery<T extends string>(
  req: Request,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = textQuery(req, name);
  if (text === undefined) return undefined;
  const value = values.find((each) => each === text);
  if (value !== undefined) return value;
  throw new GatewayError("invalid_value", `Invalid '${name}': expected ${values.join(" or ")}.`, {
    param: name,
  });
}
