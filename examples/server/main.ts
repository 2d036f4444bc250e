import { jsonLogger } from "express-image-gateway";

import { startServer } from "./server";
import { readSettings, type Settings } from "./settings";
import { startWorker } from "./worker";

const logger = jsonLogger({ level: "info", write: (line) => void process.stdout.write(line) });

async function start(settings: Settings): Promise<{ close(): Promise<void> }> {
  if (settings.shared?.role === "worker") {
    const worker = await startWorker(settings, logger);
    process.stdout.write("Working\n");
    return worker;
  }
  const server = await startServer(settings, logger);
  process.stdout.write(`Listening on ${server.url}\n`);
  return server;
}

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const running = await start(settings);
  if (settings.demoAliases.length > 0) {
    logger.info({ models: settings.demoAliases }, "these model ids are served by the demo provider");
  }

  const stop = () => {
    process.off("SIGTERM", stop).off("SIGINT", stop);
    running.close().then(
      () => logger.info({}, "stopped"),
      () => {
        logger.error({}, "the server did not stop cleanly");
        process.exitCode = 1;
      },
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** The code that is nearest to the outside: what wraps an error may have none, such as that of a bucket that cannot be used. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return "code" in error ? error.code : codeOf(error.cause);
}

main().catch((error: unknown) => {
  logger.error(
    { code: codeOf(error) },
    error instanceof Error ? error.message : "the server could not start",
  );
  process.exitCode = 1;
});
