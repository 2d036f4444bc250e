/**
 * What is thrown where an optional package cannot be loaded, with the remedy.
 *
 * @param what needs it, as the host wrote it, such as `demo()`
 */
export const missingPackage = (what: string, name: string, cause: unknown): Error =>
  new Error(`${what} needs the optional package ${name}: run \`npm install ${name}\`.`, { cause });
