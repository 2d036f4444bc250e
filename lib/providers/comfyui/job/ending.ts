import type { JsonObject } from "../../../internal/json-shape";
import { textMember } from "../../../internal/json-shape";
import { ProviderError } from "../../../ports/provider-error";
import type { FilledGraph } from "../workflow/fill";

/** How a run ended. */
export type Ending =
  | {
      readonly kind: "done";
      /** What the output nodes have told, by node id. */
      readonly outputs: JsonObject;
      /** Pictures that came over the socket. */
      readonly frames: readonly Uint8Array[];
    }
  | { readonly kind: "failed"; readonly report: JsonObject }
  | { readonly kind: "interrupted" }
  | { readonly kind: "lost" }
  | { readonly kind: "unreachable"; readonly cause: unknown };

/** Node classes and types of exceptions are shown, messages are not: they hold paths and lists of models. */
const PLAIN_NAME = /^[\w.+() -]{1,80}$/;

/** What PIL says of files that are no pictures, are cut short or are bombs. */
const UNREADABLE = /UnidentifiedImage|DecompressionBomb|^(?:OSError|SyntaxError|ValueError|EOFError)$/;

/** Any ending but `done` as the error of the call. */
export function endingError(
  ending: Exclude<Ending, { kind: "done" }>,
  { given }: FilledGraph,
): ProviderError {
  switch (ending.kind) {
    case "failed":
      return executionError(ending.report, given);
    case "interrupted":
      return new ProviderError("internal", "The work was stopped on the server.", { started: "yes" });
    case "lost":
      return new ProviderError(
        "unavailable",
        "The server has lost the work: it was restarted, or its queue cleared.",
        {
          started: "yes",
        },
      );
    case "unreachable":
      return new ProviderError("unavailable", "The server went away during the work.", {
        started: "yes",
        cause: ending.cause,
      });
  }
}

function executionError(report: JsonObject, given: ReadonlyMap<string, string>): ProviderError {
  const type = textMember(report, "exception_type") ?? "";
  const nodeClass = plain(textMember(report, "node_type"));
  const node = textMember(report, "node_id") ?? "";
  if (/OutOfMemory|\bOOM/i.test(type)) {
    return new ProviderError("overloaded", `The server ran out of memory in ${nodeClass}.`, {
      started: "yes",
    });
  }
  const param = [...given].find(([address]) => address.startsWith(`${node}.`))?.[1];
  if (UNREADABLE.test(type) && (param === "image" || param === "mask")) {
    return new ProviderError("invalid_request", `The file in '${param}' is no picture that can be read.`, {
      param,
      started: "yes",
    });
  }
  return new ProviderError("internal", `The work failed in ${nodeClass}.`, {
    started: "yes",
    upstreamCode: plain(type),
  });
}

const plain = (name: string | undefined): string =>
  name !== undefined && PLAIN_NAME.test(name) ? name : "one of its nodes";
