/** Why a JSON text could not be read to its end. */
export type JsonProblem =
  /** It is no JSON. */
  | "broken"
  /** It is nested deeper than {@link MAX_DEPTH}. */
  | "too_deep"
  /** A place of which strings are handed out is there twice: what was handed out for the first could not be taken back. */
  | "repeated_key"
  /** What is not handed out piece by piece is more than allowed. */
  | "too_large"
  | "truncated";

/** Levels of objects and arrays, one in the other. */
export const MAX_DEPTH = 32;

const MESSAGES: Readonly<Record<JsonProblem, string>> = {
  broken: "The JSON text is broken.",
  too_deep: "The JSON text is nested too deep.",
  repeated_key: "The JSON text has a key twice.",
  too_large: "The JSON text is too large.",
  truncated: "The JSON text is truncated.",
};

/** Carries nothing of the text. */
export class JsonError extends Error {
  readonly problem: JsonProblem;
  /** Of a repeated key: one of the places that the reader has named. */
  readonly place: string | undefined;

  constructor(problem: JsonProblem, place?: string) {
    super(MESSAGES[problem]);
    this.name = "JsonError";
    this.problem = problem;
    this.place = place;
  }
}
