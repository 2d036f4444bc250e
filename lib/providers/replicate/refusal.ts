import { listMember, textMember } from "../../internal/json-shape";
import type { HttpResponse } from "../../ports/http-client";
import type { ProviderError } from "../../ports/provider-error";
import type { Model } from "../hosted/models";
import { hostedRefusal, type Wording } from "../hosted/refusal";

/**
 * Replicate's error answers: `{status, title, detail}`, for inputs with `invalid_fields: [{type, field: "input.seed", description}]`.
 *
 * @see https://replicate.com/docs/reference/http
 */
export const refusal = (
  response: HttpResponse,
  secrets: readonly string[],
  model?: Model,
): Promise<ProviderError> =>
  hostedRefusal(response, {
    secrets,
    model,
    reword(body): Wording | undefined {
      const [invalid] = listMember(body, "invalid_fields");
      const title = textMember(body, "title");
      const message = textMember(invalid, "description") ?? textMember(body, "detail") ?? title;
      if (message === undefined) return undefined;
      return {
        message,
        code: codeOf(response.status, title, textMember(invalid, "type")),
        input: textMember(invalid, "field")?.replace(/^input\./, ""),
      };
    },
  });

/** A 404 at a model, and a 422 at a version, are about what the operator has configured. */
function codeOf(status: number, title: string | undefined, type: string | undefined): string | undefined {
  if (status === 404 || title === "Invalid version or not permitted") return "model_not_found";
  return type === "additional_property_not_allowed" ? "unsupported_parameter" : type;
}
