import type { Abilities } from "./abilities";
import type { Api } from "./api";
import { createServerMonitor } from "./server-monitor";
import type { Monitor } from "./sighting";
import { createTaskMonitor } from "./task-monitor";

const BLIND: Monitor = { prepare: async () => {}, look: async () => undefined };

export interface MonitorOptions {
  readonly taskId: string;
  /** The operator says that nobody else uses the server. */
  readonly isExclusive: boolean;
  /** Between two looks at a server that is not free yet, in milliseconds. */
  readonly pollMs: number;
}

/** The monitor that fits what the server can tell. */
export function createMonitor(api: Api, { tracking }: Abilities, options: MonitorOptions): Monitor {
  if (tracking === "task") return createTaskMonitor(api, options.taskId);
  return tracking === "server" ? createServerMonitor(api, options) : BLIND;
}
