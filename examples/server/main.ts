import { jsonLogger } from "express-image-gateway";

import { startServer } from "./server";
import { readSettings } from "./settings";

const logger = jsonLogger({ level: "info", write: (line) => void process.stdout.write(line) });

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const running = await startServer(settings, logger);
  process.stdout.write(`Listening on ${running.url}\n`);
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

main().catch((error: unknown) => {
  logger.error({}, error instanceof Error ? error.message : "the server could not start");
  process.exitCode = 1;
});
