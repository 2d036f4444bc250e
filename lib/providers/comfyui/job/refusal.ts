import {
  isObject,
  type JsonObject,
  listMember,
  numberMember,
  objectMember,
  textMember,
} from "../../../internal/json-shape";
import type { Logger } from "../../../ports/logger";
import { ProviderError } from "../../../ports/provider-error";
import type { FilledGraph } from "../workflow/fill";
import { nameOf } from "../workflow/graph";
import type { Workflow } from "../workflow/workflow";

interface NodeFault {
  readonly node: string;
  readonly input: string | undefined;
  readonly type: string;
  readonly about: JsonObject;
}

/** Node classes that the server does not have; another server may. */
export const MISSING_NODE = "missing_node_type";

/**
 * What a refused graph means: a caller's value that the server does not take is for the caller to change, anything else is the
 * operator's. What the server says of files, models and paths is not repeated.
 */
export function refusal(
  answer: unknown,
  workflow: Workflow,
  filled: FilledGraph,
  log: Logger,
): ProviderError {
  const type = textMember(objectMember(answer, "error"), "type") ?? "unknown";
  const faults = nodeFaults(objectMember(answer, "node_errors"));
  const callers = faults.map((fault) => ({ fault, param: filled.given.get(`${fault.node}.${fault.input}`) }));
  const own = callers.find(({ param }) => param === undefined);
  const [first] = callers;
  if (first?.param !== undefined && own === undefined) {
    const message = `Invalid value for '${first.param}': ${reason(first.fault)}.`;
    return new ProviderError("invalid_request", message, {
      param: first.param,
      started: "no",
      upstreamCode: type,
    });
  }
  // Versions up to 0.3 say `invalid_prompt` for a node class they do not have, and name no node.
  const isMissing = type === MISSING_NODE || (type === "invalid_prompt" && faults.length === 0);
  log.error(
    { workflow: workflow.model, error: type, ...whereOf(own?.fault, workflow) },
    "ComfyUI refused a workflow",
  );
  return new ProviderError("misconfigured", "The workflow does not fit the server.", {
    started: "no",
    status: 400,
    upstreamCode: isMissing ? MISSING_NODE : type,
  });
}

/** Does one of these errors keep our output from running? */
export const isBlocked = (nodeErrors: JsonObject, { output }: Workflow): boolean =>
  Object.entries(nodeErrors).some(
    ([id, error]) => id === output.id || listMember(error, "dependent_outputs").includes(output.id),
  );

const nodeFaults = (nodeErrors: JsonObject): NodeFault[] =>
  Object.entries(nodeErrors).flatMap(([node, error]) =>
    listMember(error, "errors")
      .filter(isObject)
      .map((each) => {
        const about = objectMember(each, "extra_info");
        return {
          node,
          input: textMember(about, "input_name"),
          type: textMember(each, "type") ?? "unknown",
          about,
        };
      }),
  );

function reason({ type, about }: NodeFault): string {
  const config: unknown = about["input_config"];
  const range: unknown = Array.isArray(config) ? config[1] : undefined;
  if (type === "value_bigger_than_max")
    return `it is above the model's limit${bound(numberMember(range, "max"))}`;
  if (type === "value_smaller_than_min")
    return `it is below the model's limit${bound(numberMember(range, "min"))}`;
  if (type === "value_not_in_list") return "the model does not know it";
  if (type === "invalid_input_type") return "it is of the wrong type";
  return "the model does not take it";
}

const bound = (limit: number | undefined): string => (limit === undefined ? "" : ` of ${limit}`);

function whereOf(fault: NodeFault | undefined, { graph }: Workflow): object {
  if (fault === undefined) return {};
  const node = graph.get(fault.node);
  return { node: node === undefined ? fault.node : nameOf(node), input: fault.input, fault: fault.type };
}
