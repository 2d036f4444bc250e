import { KIB } from "../../../internal/byte-sizes";
import { parsed } from "../../../internal/json-shape";
import { mask } from "../../../internal/mask";
import { ProviderError } from "../../../ports/provider-error";
import { errorSaid } from "../../upstream/error-answer";
import type { Place } from "../fetch/traffic";
import { refusalIn, refused } from "../refusal";
import { failed } from "./failed";
import { startedAt } from "./place";
import type { Thrown } from "./thrown";

/** As much of an answer as is looked at. */
const MAX_SAID = 64 * KIB;
const LOST = "the upstream has begun the work, but its result could not be had";

/** What the answer means that an adapter could not do anything with; `undefined` when its error tells of none. */
export function byStatus(
  { status, headers, body, data, message }: Thrown,
  place: Place,
  secrets: readonly string[],
): ProviderError | undefined {
  if (status === undefined || status < 200) return undefined;
  const said = (body ?? (data === undefined ? message : JSON.stringify(data))).slice(0, MAX_SAID);
  if (status < 300) {
    const refusal = refusalIn(parsed(said));
    const info = { status, cause: mask(said, secrets) };
    return refusal === undefined ? failed("protocol", "yes", info) : refused(refusal);
  }
  const error = errorSaid({ status, headers }, said, secrets);
  const started = startedAt(place, error.info.started);
  if (place !== "later" || error.fault === "content_policy") {
    return new ProviderError(error.fault, error.message, { ...error.info, started });
  }
  const { retryAfterMs: _isOfNoUse, ...info } = error.info;
  return failed(status === 429 || status >= 500 ? "unavailable" : "protocol", "yes", info, LOST);
}
