import { ProviderError } from "../../../ports/provider-error";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";
import { type Abilities, askAbilities } from "./abilities";
import type { Answer, Api, Caller } from "./api";
import { type Checkpoint, readCheckpoints } from "./checkpoints";
import { type Choices, readChoices } from "./choices";
import { ROUTES } from "./routes";

/** What a server says of itself; `undefined` where it does not tell. */
export interface Inspection {
  readonly abilities: Abilities;
  readonly checkpoints: readonly Checkpoint[] | undefined;
  readonly samplers: Choices | undefined;
  readonly schedulers: Choices | undefined;
}

/** @throws ProviderError `auth`, `unavailable`; HttpError, DeadlineError */
export async function inspectServer(api: Api, caller: Caller, isExclusive: boolean): Promise<Inspection> {
  const [abilities, models, samplers, schedulers] = await Promise.all([
    askAbilities(api, caller, isExclusive),
    api.get(caller, ROUTES.models),
    api.get(caller, ROUTES.samplers),
    api.get(caller, ROUTES.schedulers),
  ]);
  return {
    abilities,
    checkpoints: checkpointsIn(models),
    samplers: readChoices(samplers.json),
    schedulers: readChoices(schedulers.json),
  };
}

/** An empty list is taken for none: a server without checkpoints says so itself. */
function checkpointsIn({ status, json }: Answer): readonly Checkpoint[] | undefined {
  if (status === 401 || status === 403) {
    throw new ProviderError("auth", FAULT_MESSAGES.auth, { started: "no", status });
  }
  if (status >= 500) {
    throw new ProviderError("unavailable", FAULT_MESSAGES.unavailable, { started: "no", status });
  }
  const checkpoints = status === 200 ? readCheckpoints(json) : undefined;
  return checkpoints?.length === 0 ? undefined : checkpoints;
}
