import {
  isObject,
  type JsonObject,
  listMember,
  member,
  numberMember,
  objectMember,
  textMember,
} from "../../../internal/json-shape";
import { unexpected } from "../faults";
import type { Answer, Api, Caller } from "./api";

/** What a server says of a run when it is asked. */
export type Sighting =
  | { readonly state: "pending" /** From 1. */; readonly position?: number }
  | { readonly state: "running" }
  | { readonly state: "done"; readonly outputs: JsonObject }
  | { readonly state: "failed"; readonly report: JsonObject }
  | { readonly state: "interrupted" }
  /** Neither waiting, running nor finished: never taken, taken out of the queue, or lost in a restart. */
  | { readonly state: "unknown" };

export interface Watcher {
  /** Where a run stands. @throws HttpError, DeadlineError; ProviderError `protocol` for an answer that is not understood, `auth` for a refusal */
  find(caller: Caller, promptId: string): Promise<Sighting>;
  /** Does the server have the routes below `/api/jobs`? Asked once, until `forget`. */
  hasJobs(caller: Caller): Promise<boolean>;
  /** After a restart it may be another version. */
  forget(): void;
}

export function createWatcher(api: Api): Watcher {
  let routes: "unknown" | "yes" | "no" = "unknown";

  async function hasJobs(caller: Caller): Promise<boolean> {
    if (routes === "unknown") {
      const { status } = await api.get(caller, "/jobs?limit=1");
      if (status !== 200 && status !== 404 && status !== 405) {
        throw unexpected(status, "its jobs", "maybe");
      }
      routes = status === 200 ? "yes" : "no";
    }
    return routes === "yes";
  }

  return {
    hasJobs,
    find: async (caller, promptId) =>
      (await hasJobs(caller)) ? findJob(api, caller, promptId) : findInQueue(api, caller, promptId),
    forget() {
      routes = "unknown";
    },
  };
}

async function findJob(api: Api, caller: Caller, promptId: string): Promise<Sighting> {
  const { status, json } = await api.get(caller, `/jobs/${promptId}`);
  if (status === 404 && isObject(json)) return { state: "unknown" };
  if (status !== 200) throw unexpected(status, "a job", "maybe");
  switch (textMember(json, "status")) {
    case "pending":
      return { state: "pending", ...(await place(api, caller, promptId)) };
    case "in_progress":
      return { state: "running" };
    case "completed":
      return { state: "done", outputs: objectMember(json, "outputs") };
    case "cancelled":
      return { state: "interrupted" };
    case "failed":
      return { state: "failed", report: objectMember(json, "execution_error") };
    default:
      throw unexpected(status, "a job", "yes");
  }
}

async function place(api: Api, caller: Caller, promptId: string): Promise<{ position?: number }> {
  const { json } = await api.get(caller, "/jobs?status=pending");
  const waiting = listMember(json, "jobs").map((job) => ({
    id: textMember(job, "id"),
    number: numberMember(job, "priority") ?? 0,
  }));
  return position(waiting, promptId);
}

/** Waiting runs come in the order of a heap: their number says whose turn it is. */
function position(waiting: { id: unknown; number: number }[], promptId: string): { position?: number } {
  const index = waiting.sort((a, b) => a.number - b.number).findIndex(({ id }) => id === promptId);
  return index < 0 ? {} : { position: index + 1 };
}

/** The queue first: a run that ends between the two questions is in the history by then. */
async function findInQueue(api: Api, caller: Caller, promptId: string): Promise<Sighting> {
  const { json: queue } = known(await api.get(caller, "/queue"), "its queue");
  if (listMember(queue, "queue_running").some((item) => idOf(item) === promptId)) return { state: "running" };
  const waiting = listMember(queue, "queue_pending").map((item) => ({
    id: idOf(item),
    number: numberOf(item),
  }));
  if (waiting.some(({ id }) => id === promptId)) return { state: "pending", ...position(waiting, promptId) };
  const { json: history } = known(await api.get(caller, `/history/${promptId}`), "its history");
  return ended(member(history, promptId));
}

function known(answer: Answer, what: string): Answer {
  if (answer.status !== 200 || !isObject(answer.json)) {
    throw unexpected(answer.status, what, "maybe");
  }
  return answer;
}

const idOf = (item: unknown): unknown => (Array.isArray(item) ? item[1] : undefined);
const numberOf = (item: unknown): number =>
  Array.isArray(item) && typeof item[0] === "number" ? item[0] : 0;

function ended(entry: unknown): Sighting {
  if (!isObject(entry)) return { state: "unknown" };
  const status = objectMember(entry, "status");
  const messages = listMember(status, "messages");
  const last = (type: string): JsonObject | undefined => {
    const found: unknown = messages.findLast((message) => Array.isArray(message) && message[0] === type);
    return Array.isArray(found) && isObject(found[1]) ? found[1] : undefined;
  };
  if (textMember(status, "status_str") === "success")
    return { state: "done", outputs: objectMember(entry, "outputs") };
  if (textMember(status, "status_str") !== "error") {
    throw unexpected(200, "a run", "yes");
  }
  if (last("execution_interrupted") !== undefined) return { state: "interrupted" };
  return { state: "failed", report: last("execution_error") ?? {} };
}
