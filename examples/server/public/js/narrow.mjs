// @ts-check

const query = matchMedia("(max-width: 860px)");

/** Is the page one column, as the style sheets have it? */
export const isNarrow = () => query.matches;
