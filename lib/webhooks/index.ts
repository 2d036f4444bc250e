import type { WebhookSigner } from "../ports";
import { loadStandardWebhooks } from "./library";

export interface StandardWebhooksOptions {
  /**
   * `whsec_` and 24 to 64 random bytes in base64, known to the receivers. Of several each signs, so that a new one can be handed out before the
   * old one is retired.
   */
  readonly secret: string | readonly string[];
}

const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

function isSecret(text: string): boolean {
  const bytes = Buffer.from(SECRET.exec(text)?.[1] ?? "", "base64").length;
  return bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
}

/**
 * Signs webhooks as Standard Webhooks says, so that receivers verify them with a library of their language. Needs the package
 * `standardwebhooks`.
 *
 * @see https://www.standardwebhooks.com
 * @throws TypeError when a secret is missing or of another form; it is not shown; Error when the library is not installed
 * @example
 * ```ts
 * import { createImageRouter } from "express-image-gateway";
 * import { standardWebhooks } from "express-image-gateway/webhooks";
 *
 * const webhooks = standardWebhooks({ secret: process.env.WEBHOOK_SECRET ?? "" });
 * ```
 */
export function standardWebhooks({ secret }: StandardWebhooksOptions): WebhookSigner {
  const secrets: readonly string[] = typeof secret === "string" ? [secret] : secret;
  if (secrets.length === 0 || !secrets.every(isSecret)) {
    throw new TypeError(
      "standardWebhooks: 'secret' must be 'whsec_' and 24 to 64 random bytes in base64; make one with: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"",
    );
  }
  const { Webhook } = loadStandardWebhooks();
  const signers = secrets.map((each) => new Webhook(each));
  return {
    headers: ({ id, at, body }) => ({
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signers.map((signer) => signer.sign(id, at, body)).join(" "),
    }),
  };
}
