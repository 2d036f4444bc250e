import { objectMember, textMember } from "../../../internal/json-shape";
import type { Logger } from "../../../ports/logger";
import { ProviderError } from "../../../ports/provider-error";
import { isInDoubt, strange } from "../faults";
import type { Pace } from "../pace";
import type { Answer, Caller } from "../server/api";
import type { Server } from "../server/server";
import type { FilledGraph } from "../workflow/fill";
import type { Workflow } from "../workflow/workflow";
import { isBlocked, refusal } from "./refusal";

export interface Submission {
  readonly promptId: string;
  readonly workflow: Workflow;
  readonly filled: FilledGraph;
  /** Ask for unfinished pictures; without, the server does not even make them. */
  readonly previews: boolean;
  readonly pace: Pace;
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
  const { promptId, filled, previews } = submission;
  const body = {
    prompt: filled.prompt,
    client_id: server.link.clientId,
    prompt_id: promptId,
    extra_data: { preview_method: previews ? "auto" : "none" },
  };
  try {
    const answer = await server.api.post(caller, "/prompt", body);
    if (answer.status >= 500 && answer.json === undefined && !isOwnFault(answer)) {
      return await reconcile(server, caller, submission);
    }
    return accepted(answer, submission);
  } catch (error) {
    if (!isInDoubt(error)) throw error;
    return reconcile(server, caller, submission);
  }
}

/** ComfyUI's own 500 comes when it cannot read the body; 502 to 504 come from something in between. */
const isOwnFault = ({ status }: Answer): boolean => status === 500;

function accepted({ status, json }: Answer, { workflow, filled, log }: Submission): string {
  if (status === 413) {
    throw new ProviderError("misconfigured", "The workflow is larger than the server takes.", {
      started: "no",
    });
  }
  if (status === 401 || status === 403) {
    throw new ProviderError("auth", "The server refused the gateway.", { started: "no", status });
  }
  if (status === 400) throw refusal(json, workflow, filled, log);
  if (status !== 200)
    throw new ProviderError("internal", "The server failed at the request.", { started: "no", status });
  const id = textMember(json, "prompt_id");
  if (id === undefined) throw strange("the work it took", "maybe");
  // With several outputs the valid ones run, which helps nobody when ours is not among them.
  if (isBlocked(objectMember(json, "node_errors"), workflow)) throw refusal(json, workflow, filled, log);
  return id;
}

/** Looks whether the server has the run; a request that was under way may take a moment to arrive. */
async function reconcile(server: Server, caller: Caller, { promptId, pace }: Submission): Promise<string> {
  for (let look = 0; look < LOOKS; look++) {
    const sighting = await server.watcher.find(caller, promptId);
    if (sighting.state !== "unknown") return promptId;
    await new Promise((resolve) => setTimeout(resolve, pace.pollMs));
    caller.signal.throwIfAborted();
  }
  throw new ProviderError("unavailable", "The server did not take the work.", { started: "no" });
}
