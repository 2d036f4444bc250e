/** @throws Error when CHROMIUM names something that cannot be run */
export function findChromium(env?: NodeJS.ProcessEnv): string | undefined;
