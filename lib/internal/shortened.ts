/** A text that somebody else chose, to be shown: at most so many UTF-16 units. Half a character at the cut becomes U+FFFD. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
