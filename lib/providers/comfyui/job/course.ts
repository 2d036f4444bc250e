import type { Started } from "../faults";
import type { Server } from "../server/server";

/** What one call has come to; read when it fails. */
export interface Course {
  started: Started;
  /** Where the graph was sent. */
  server: Server | undefined;
  promptId: string;
  /** The request that submits the graph, while its answer is awaited, and what gives it up. */
  submitting: { readonly answer: Promise<unknown>; readonly giveUp: AbortController } | undefined;
}

export const newCourse = (promptId: string): Course => ({
  started: "no",
  server: undefined,
  promptId,
  submitting: undefined,
});
