import { GatewayError, ProviderError } from "../../ports";
import { saidBy } from "../describe-error";

/**
 * What an adapter or its library said, for an operator who looks at debug lines: keys, addresses and paths masked, the prompt taken
 * out. `undefined` when all that is known stands in the error's own words.
 */
export function foreignText(error: unknown, prompt: string): string | undefined {
  const cause = GatewayError.is(error) ? error.cause : ProviderError.is(error) ? error.info.cause : error;
  if (cause === undefined) return undefined;
  if (GatewayError.is(cause) || ProviderError.is(cause)) return foreignText(cause, prompt);
  return saidBy(cause, [prompt]);
}
