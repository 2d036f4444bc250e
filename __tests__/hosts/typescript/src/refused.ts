/** Mistakes that the types must not let through; were something `any`, these would compile. */
import { createServer } from "node:http";
import { createImageRouter, type ImageJob, openaiErrorHandler, type Principal } from "express-image-gateway";
import { Server } from "socket.io";

import { images } from "./host.js";
import { studio } from "./provider.js";

// @ts-expect-error: who calls must be said, if only with the literal false
createImageRouter({ capabilities: () => true, providers: [studio] });
// @ts-expect-error: an option that does not exist
createImageRouter({ authenticate: false, capabilities: () => true, providers: [studio], provider: studio });
// @ts-expect-error: a principal has an id
createImageRouter({ authenticate: () => ({ name: "ann" }), capabilities: () => true, providers: [studio] });
// @ts-expect-error: the server is given, not its HTTP server
images.attach(createServer());
// @ts-expect-error: the router needs Express
createServer((req, res) => images.router(req, res, () => undefined));
// @ts-expect-error: an error handler takes the error first
createServer(openaiErrorHandler());
// @ts-expect-error: the principal is the host's own type
images.models({ id: "ann" } satisfies Principal);

// @ts-expect-error: progress is a number
export const percent = (job: ImageJob): string => job.progress;
// @ts-expect-error: no such event
images.attach(new Server().on("progress", (event: ImageJob) => event.nothing));
