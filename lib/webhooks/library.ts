import type * as StandardWebhooks from "standardwebhooks";
import { missingPackage } from "../internal/optional";

/** What `require("standardwebhooks")` gives. */
export type WebhooksLibrary = typeof StandardWebhooks;

/**
 * Loads the library when a signer is made, so that the package loads without it.
 *
 * @throws Error that names the remedy when it is not installed
 */
export function loadStandardWebhooks(): WebhooksLibrary {
  try {
    const library: WebhooksLibrary = require("standardwebhooks");
    return library;
  } catch (error) {
    throw missingPackage("standardWebhooks()", "standardwebhooks", error);
  }
}
