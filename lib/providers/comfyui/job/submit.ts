import { setTimeout as pause } from "node:timers/promises";

import { objectMember, textMember } from "../../../internal/json-shape";
import type { Logger } from "../../../ports/logger";
import { ProviderError } from "../../../ports/provider-error";
import { isInDoubt, isUnreachable, unexpected } from "../faults";
import type { Answer, Caller } from "../server/api";
import type { Server } from "../server/server";
import { stopRun } from "../server/stop";
import type { Timing } from "../timing";
import type { FilledGraph } from "../workflow/fill";
import type { Workflow } from "../workflow/workflow";
import { findPatiently } from "./find-patiently";
import { isBlocked, refusal } from "./refusal";

export interface Submission {
  readonly promptId: string;
  readonly workflow: Workflow;
  readonly filled: FilledGraph;
  readonly timing: Timing;
  readonly log: Logger;
}

const LOOKS = 4;

/**
 * Sends a graph under an id of our own. When the answer is lost the server is asked whether it has it, so that it is never sent
 * twice.
 *
 * @returns the id under which it runs: ours, but for servers that do not take it
 * @throws ProviderError; HttpError when it was not sent
 */
export async function submit(server: Server, caller: Caller, submission: Submission): Promise<string> {
  const body = {
    prompt: submission.filled.prompt,
    client_id: server.link.clientId,
    prompt_id: submission.promptId,
    // Whoever begins to look later sees them too: the server cannot be asked for them in the middle of a run.
    extra_data: { preview_method: "auto" },
  };
  try {
    const answer = await server.api.post(caller, "/prompt", body);
    const id = accepted(answer, submission);
    const { workflow, filled, log } = submission;
    if (!isBlocked(objectMember(answer.json, "node_errors"), workflow)) return id;
    // With several outputs the valid ones run, which helps nobody when ours is not among them.
    await stopRun(server.api, server.watcher, caller, id).catch(() => {});
    throw refusal(answer.json, workflow, filled, log);
  } catch (error) {
    if (!isInDoubt(error)) throw error;
    return reconcile(server, caller, submission);
  }
}

function accepted({ status, json }: Answer, { workflow, filled, log }: Submission): string {
  if (status === 413) {
    throw new ProviderError("misconfigured", "The workflow is larger than the server takes.", {
      started: "no",
    });
  }
  if (status === 400) throw refusal(json, workflow, filled, log);
  // What it says when it cannot read the body.
  if (status === 500)
    throw new ProviderError("internal", "The server failed at the request.", { started: "no", status });
  if (status !== 200) throw unexpected(status, "the work it was sent", "no");
  const id = textMember(json, "prompt_id");
  if (id === undefined) throw unexpected(status, "the work it took", "maybe");
  return id;
}

/** Looks whether the server has the run; a request that was under way may take a moment to arrive. */
async function reconcile(server: Server, caller: Caller, { promptId, timing }: Submission): Promise<string> {
  try {
    for (let look = 0; look < LOOKS; look++) {
      const sighting = await findPatiently(server, caller, promptId, timing);
      if (sighting.state !== "unknown") return promptId;
      await pause(timing.pollMs, undefined, { signal: caller.signal });
    }
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    throw new ProviderError("unavailable", "The server went away while it was sent the work.", {
      started: "maybe",
      cause: error,
    });
  }
  throw new ProviderError("unavailable", "The server did not take the work.", { started: "no" });
}
