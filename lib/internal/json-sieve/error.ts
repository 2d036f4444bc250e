/** Why a JSON text could not be read to its end. */
export type JsonProblem =
  /** It is no JSON, or not one that is worth reading: too deep, or with the same place twice. */
  | "broken"
  /** What is not handed out piece by piece is more than allowed. */
  | "too_large"
  | "truncated";

/** Carries nothing of the text. */
export class JsonError extends Error {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem) {
    super(`The JSON text is ${problem.replace("_", " ")}.`);
    this.name = "JsonError";
    this.problem = problem;
  }
}
