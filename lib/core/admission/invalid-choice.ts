import { GatewayError } from "../../ports";

/** What a caller reads who has chosen what a model does not have. */
export const invalidChoice = (param: string, value: string, allowed: readonly string[]): GatewayError =>
  new GatewayError(
    "invalid_value",
    `Invalid value '${value}' for '${param}'. Supported by this model: ${allowed.map((each) => `'${each}'`).join(", ")}.`,
    { param },
  );
