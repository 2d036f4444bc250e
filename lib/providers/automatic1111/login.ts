import type { OptionsCheck } from "../options-check";

/**
 * The credentials of HTTP Basic.
 *
 * @throws TypeError
 */
export function loginOf(
  check: OptionsCheck,
  { username, password }: { readonly username?: string | undefined; readonly password?: string | undefined },
): string | undefined {
  const name = check.key("username", username);
  const word = check.key("password", password);
  if (name === undefined && word === undefined) return undefined;
  if (name === undefined || word === undefined) {
    return check.wrong(name === undefined ? "username" : "password", "is missing: the server asks for both");
  }
  if (name.includes(":")) check.wrong("username", "holds a colon, which no server takes");
  return Buffer.from(`${name}:${word}`).toString("base64");
}
