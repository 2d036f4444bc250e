import { createHash } from "node:crypto";
import { numberMember, objectMember } from "../../../internal/json-shape";
import { unexpected } from "../faults";
import type { Timing } from "../timing";
import { type Api, type Caller, createApi } from "./api";
import { createLink, type Link } from "./link";
import { createWatcher, type Watcher } from "./sighting";
import type { WebSocketClass } from "./web-socket";

/** One ComfyUI server and what we know of it. */
export interface Server {
  /** Names it in a job's record without giving its address away. */
  readonly key: string;
  readonly api: Api;
  readonly link: Link;
  readonly watcher: Watcher;
  /** Jobs that go to it and are not in its queue yet. */
  coming: number;
  /** Left out until then, by `performance.now()`. */
  restsUntil: number;
  /** Models whose nodes it does not have. */
  readonly unfit: Set<string>;
}

export interface ServerOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPayload: number;
  readonly WebSocket: WebSocketClass;
  readonly timing: Timing;
}

export function createServer(options: ServerOptions): Server {
  const api = createApi(options.url, options.headers, options.timing.answerMs);
  return {
    key: createHash("sha256").update(options.url).digest("hex").slice(0, 16),
    api,
    link: createLink(options),
    watcher: createWatcher(api),
    coming: 0,
    restsUntil: 0,
    unfit: new Set(),
  };
}

/** Runs waiting and running on a server. @throws HttpError, DeadlineError; ProviderError when that is no ComfyUI, or refuses us */
export async function queueDepth({ api }: Server, caller: Caller): Promise<number> {
  const { status, json } = await api.get(caller, "/prompt");
  const depth = numberMember(objectMember(json, "exec_info"), "queue_remaining");
  if (status !== 200 || depth === undefined) throw unexpected(status, "its queue", "no");
  return depth;
}
