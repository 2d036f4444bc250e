import type { RunContext } from "../../../ports/provider";
import type { ImageTask } from "../../../ports/task";
import type { Background } from "../../upstream/background";
import type { Model, ResolvedComfyUIOptions } from "../options";
import type { Fleet } from "../server/fleet";
import type { Timing } from "../timing";
import type { Course } from "./course";

/** What every call works with. */
export interface RunTools {
  readonly options: ResolvedComfyUIOptions;
  readonly fleet: Fleet;
  readonly timing: Timing;
  /** What is still done after a call was aborted. */
  readonly background: Background;
}

/** One call of the gateway's. */
export interface Call {
  readonly model: Model;
  readonly task: ImageTask;
  readonly ctx: RunContext;
  readonly course: Course;
}
