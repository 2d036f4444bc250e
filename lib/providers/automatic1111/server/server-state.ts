import { member, numberMember, objectMember, textMember } from "../../../internal/json-shape";
import type { Preview } from "../../../ports/provider";
import type { Api, Caller } from "./api";
import { readPreview } from "./preview";
import { ROUTES } from "./routes";

/** What a server tells of the one task that it works on, whose ever that is. */
export interface ServerState {
  readonly isBusy: boolean;
  /** When the task began, in the server's own spelling. */
  readonly began: string | undefined;
  /** Somebody has interrupted or skipped the task, which leaves its picture unfinished; stays so until the next one begins. */
  readonly isCutShort: boolean;
  /** 0 … 1 of all pictures of the task. */
  readonly fraction: number;
  readonly preview?: Omit<Preview, "index">;
}

/**
 * Asks `GET /sdapi/v1/progress`. `job_count` is -1 while a task begins and 0 when there is none.
 *
 * @throws HttpError, DeadlineError
 * @see AUTOMATIC1111/stable-diffusion-webui, modules/shared_state.py
 */
export async function askServerState(api: Api, caller: Caller, wantsPreview: boolean): Promise<ServerState> {
  const { json } = await api.get(caller, `${ROUTES.progress}?skip_current_image=${!wantsPreview}`);
  const state = objectMember(json, "state");
  const count = numberMember(state, "job_count") ?? 0;
  const preview = wantsPreview ? readPreview(textMember(json, "current_image")) : undefined;
  return {
    isBusy: count !== 0,
    began: textMember(state, "job_timestamp"),
    isCutShort: member(state, "interrupted") === true || member(state, "skipped") === true,
    fraction: count > 0 ? share(state, count) : 0,
    ...(preview && { preview }),
  };
}

function share(state: Readonly<Record<string, unknown>>, count: number): number {
  const done = numberMember(state, "job_no") ?? 0;
  const steps = numberMember(state, "sampling_steps") ?? 0;
  const step = numberMember(state, "sampling_step") ?? 0;
  const whole = (done + (steps > 0 ? step / steps : 0)) / count;
  return Math.min(1, Math.max(0, whole));
}
