import { countMember, member, numberMember } from "../../../internal/json-shape";
import type { Op } from "../../../ports/task";
import type { Api, Caller } from "./api";
import { ROUTES } from "./routes";

/** What a server can do beside drawing. */
export interface Abilities {
  /**
   * Whose progress can be asked for: that of one task by its id, that of whatever the server works on, or nobody's. Servers of the last
   * kind are no web UI and only speak its dialect.
   */
  readonly tracking: "task" | "server" | "none";
  readonly previews: boolean;
  /** What an abort is good for while the server works. */
  readonly stops: "yes" | "best_effort" | "no";
  readonly ops: readonly Op[];
}

/** Others take no empty prompt, read no transparency in a mask and keep a smaller seed. */
export const isWebUI = ({ tracking }: Abilities): boolean => tracking !== "none";

/**
 * Finds out by asking what changes nothing: a route for POST that is asked with GET says 405 where it exists, and 404 where it does not.
 * Ids of our own are known from version 1.8 on, which also brought the list of pending tasks.
 *
 * @param isExclusive the operator says that nobody else uses the server; what it tells of its work is of our work then
 * @throws HttpError, DeadlineError
 */
export async function askAbilities(api: Api, caller: Caller, isExclusive: boolean): Promise<Abilities> {
  const [progress, pending, options, interrupt, img2img] = await Promise.all([
    api.get(caller, `${ROUTES.progress}?skip_current_image=true`),
    api.get(caller, ROUTES.pendingTasks),
    api.get(caller, ROUTES.options),
    api.get(caller, ROUTES.interrupt),
    api.get(caller, ROUTES.img2img),
  ]);
  const tells = progress.status === 200 && numberMember(progress.json, "progress") !== undefined;
  const knowsTasks = pending.status === 200 && countMember(pending.json, "size") !== undefined;
  if (!tells) return { tracking: "none", previews: false, stops: "no", ops: ["generate", "edit"] };

  const tracking = knowsTasks ? "task" : "server";
  const isOurs = knowsTasks || isExclusive;
  const hasInterrupt = interrupt.status === 405;
  return {
    tracking,
    previews: isOurs && member(options.json, "live_previews_enable") !== false,
    stops: !isOurs || !hasInterrupt ? "no" : knowsTasks ? "yes" : "best_effort",
    ops: img2img.status === 404 ? ["generate"] : ["generate", "edit", "variation"],
  };
}
