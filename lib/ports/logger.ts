/**
 * Where the package says what happened. pino and console-like loggers fit.
 *
 * 1. `about` holds ids, sizes, timings and codes; never a key, a prompt or image bytes.
 * 2. A logger that throws does not disturb the request.
 */
export interface Logger {
  debug(about: object, message: string): void;
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}
