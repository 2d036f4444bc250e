import type { Principal } from "../../ports";
import type { ParseGeneration } from "../../wire/request";
import { type AnswerOptions, answerRequest } from "../answer-request";
import type { Handler } from "../exchange";
import { type JsonBodyOptions, readJsonBody } from "../json-body";

export interface GenerationsOptions<P extends Principal> extends AnswerOptions<P> {
  readonly parse: ParseGeneration;
  readonly body: JsonBodyOptions;
}

/** POST /images/generations: body → request → job → its end → answer. */
export const generations =
  <P extends Principal>(options: GenerationsOptions<P>): Handler<P> =>
  async (exchange) => {
    const request = options.parse(await readJsonBody(exchange.req, options.body));
    await answerRequest(options, exchange, request);
  };
