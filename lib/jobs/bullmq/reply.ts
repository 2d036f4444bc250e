/** The texts in what a script gave; numbers as Redis writes them. */
export const textsOf = (reply: unknown): readonly string[] =>
  Array.isArray(reply) ? reply.map((each: unknown) => String(each)) : [];

/** What a script gave as lists of texts. */
export const listsOf = (reply: unknown): readonly (readonly string[])[] =>
  Array.isArray(reply) ? reply.map(textsOf) : [];
