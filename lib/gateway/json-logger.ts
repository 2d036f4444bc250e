import type { Logger } from "../ports";

const LEVELS = ["debug", "info", "warn", "error"] as const;

export interface JsonLoggerOptions {
  /** The least level that is written. Default `warn`. */
  readonly level?: (typeof LEVELS)[number];
  /** Takes one line, newline included. Default: standard error. */
  readonly write?: (line: string) => void;
}

/** A logger that writes one JSON object a line: `time`, `level`, `message` and what it is about. */
export function jsonLogger(options: JsonLoggerOptions = {}): Logger {
  const { level: least = "warn", write = (line: string) => void process.stderr.write(line) } = options;
  const at = (level: (typeof LEVELS)[number]) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return () => {};
    return (about: object, message: string) =>
      write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...about })}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A host's logger that throws must not disturb a request. */
export function harmless(logger: Logger): Logger {
  const guard =
    (level: (typeof LEVELS)[number]) =>
    (about: object, message: string): void => {
      try {
        logger[level](about, message);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}
