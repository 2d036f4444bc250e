import type { Preview } from "../../../ports/provider";
import type { Caller } from "./api";

/** How far a task of ours has come. */
export interface Sighting {
  readonly state: "queued" | "running" | "done";
  /** In the server's own queue, from 1. */
  readonly place?: number;
  /** 0 … 1 of all pictures of the task. */
  readonly fraction?: number;
  readonly preview?: Omit<Preview, "index">;
}

/** Looks after one task. */
export interface Monitor {
  /** To be awaited before the task is sent. @throws the signal's reason */
  prepare(caller: Caller): Promise<void>;
  /**
   * @returns `undefined` while the server does not know the task, or tells of another's
   * @throws HttpError, DeadlineError
   */
  look(caller: Caller, wantsPreview: boolean): Promise<Sighting | undefined>;
}
