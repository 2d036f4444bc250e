import { HttpError } from "../../../ports/http-client";
import { HTTP_FAULTS } from "../../../ports/http-fault";
import type { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import type { Place, Traffic } from "../fetch/traffic";
import { FIELDS } from "../model/fields";
import type { Model } from "../options";
import { byStatus } from "./by-status";
import { byWord } from "./by-word";
import { failed } from "./failed";
import { placeOf, startedAt } from "./place";
import { readThrown, type Thrown } from "./thrown";

/** The call that failed. */
export interface About {
  readonly task: ImageTask;
  readonly fields: Model["fields"];
  readonly traffic: Traffic;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
}

/** Whatever a model has thrown, as the one error that a provider rejects with. Never throws itself. */
export function failureOf(thrown: unknown, about: About): ProviderError {
  try {
    const told = readThrown(thrown);
    const { fields } = about;
    const param = FIELDS.find((field) => fields[field] !== undefined && fields[field] === told.option);
    const place = placeOf(told, about.task, about.traffic);
    const secrets = [...about.secrets, told.host ?? ""];
    return byOwn(told, place) ?? byStatus(told, place, secrets) ?? byWord(told, place, secrets, param);
  } catch {
    // An error that cannot even be looked at.
    return failed("internal", "maybe");
  }
}

/** What was thrown on this side of the adapter, and came back through it. */
function byOwn({ own, status = 0 }: Thrown, place: Place): ProviderError | undefined {
  if (!HttpError.is(own)) return own;
  const isAnswered = status >= 200 && status < 300;
  const started = isAnswered ? "yes" : startedAt(place, own.started);
  const fault = isAnswered && own.failure === "reset" ? "protocol" : HTTP_FAULTS[own.failure];
  return failed(fault, started, { cause: own }, own.message);
}
