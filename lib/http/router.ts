import type { NextFunction, Request, RequestHandler, Response } from "express";
import express, { type Router } from "express";
import { Cohort } from "../internal/cohort";
import type { Principal } from "../ports";
import { GatewayError, type Op } from "../ports";
import type { PictureRequest } from "../wire/request";
import { type EntryOptions, enter } from "./entry";
import { answerErrors } from "./errors";
import type { Handler } from "./exchange";
import { inOneShape } from "./one-shape";
import { requestIdOf } from "./request-id";
import { type EditsOptions, edits } from "./routes/edits";
import { type FilesOptions, getFile } from "./routes/files";
import { type GenerationsOptions, generations } from "./routes/generations";
import { getJobEvents, type JobEventsOptions } from "./routes/job-events";
import { cancelJob, deleteJob, getJob, type JobsOptions, listJobs } from "./routes/jobs";
import { getModel, listModels, type ModelsOptions } from "./routes/models";

export type RouterOptions<P extends Principal> = EntryOptions<P> &
  GenerationsOptions<P> &
  EditsOptions<P> &
  JobsOptions<P> &
  JobEventsOptions<P> &
  ModelsOptions<P> &
  FilesOptions & {
    readonly modelsRoute: boolean;
    readonly pictureRequests: Readonly<Record<"edit" | "variation", PictureRequest>>;
    /** Told of each request under way, with the way to cut it. */
    readonly underway: Underway;
  };

type Method = "get" | "post" | "delete";

type Underway = (work: () => Promise<void>, cut: () => void) => Promise<void>;

/**
 * The Express router. The mount is shared with the host: everything hangs on our own routes, unknown paths and preflights go on,
 * and only errors of our routes are answered here.
 */
export function createRouter<P extends Principal>(options: RouterOptions<P>): Router {
  const router = express.Router();
  const { pictureRequests } = options;
  const arrivals = new Cohort();
  // A promise: each request goes on in the async context in which it arrived.
  const gathered = () => new Promise<void>((resolve) => arrivals.join(resolve));

  // Express 4 does not take promises.
  const served =
    (work: (req: Request, res: Response) => Promise<void>): RequestHandler =>
    (req, res, next) => {
      requestIdOf(res);
      options
        .underway(
          () => gathered().then(() => work(req, res)),
          () => res.destroy(),
        )
        .catch(next);
    };
  const guarded = (handler: Handler<P>, op?: Op): RequestHandler =>
    served(async (req, res) => handler(await enter(options, req, res, op)));

  const route = (path: string, handlers: { readonly [method in Method]?: RequestHandler }) => {
    const { get, post, delete: remove } = handlers;
    const at = router.route(path);
    if (get !== undefined) at.get(get);
    if (post !== undefined) at.post(post);
    if (remove !== undefined) at.delete(remove);
    at.all(refuseMethod(allowed(handlers)));
  };

  route("/images/generations", { post: guarded(generations(options), "generate") });
  route("/images/edits", { post: guarded(edits(options, pictureRequests.edit), "edit") });
  route("/images/variations", { post: guarded(edits(options, pictureRequests.variation), "variation") });
  route("/images/jobs", { get: guarded(listJobs(options)) });
  route("/images/jobs/:id", { get: guarded(getJob(options)), delete: guarded(deleteJob(options)) });
  route("/images/jobs/:id/events", { get: guarded(getJobEvents(options)) });
  route("/images/jobs/:id/cancel", { post: guarded(cancelJob(options)) });
  route("/images/files/:key", { get: served(getFile(options)) });
  if (options.modelsRoute) {
    route("/models", { get: guarded(listModels(options)) });
    route("/models/:id", { get: guarded(getModel(options)) });
  }
  // Reached by errors of the routes above only: Express offers a router no error that arose before it.
  router.use(answerErrors(options.log));
  return inOneShape(router, "/images/");
}

const allowed = (handlers: { readonly [method in Method]?: RequestHandler }): string =>
  [
    ...(handlers.get === undefined ? [] : ["GET", "HEAD"]),
    ...(handlers.post === undefined ? [] : ["POST"]),
    ...(handlers.delete === undefined ? [] : ["DELETE"]),
  ].join(", ");

const refuseMethod =
  (allow: string) =>
  (req: Request, res: Response, next: NextFunction): void => {
    // A preflight is the host's to answer.
    if (req.method === "OPTIONS") {
      next();
      return;
    }
    requestIdOf(res);
    res.set("allow", allow);
    next(new GatewayError("method_not_allowed", `This path takes ${allow} only.`));
  };
