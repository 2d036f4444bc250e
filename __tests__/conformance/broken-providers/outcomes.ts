import type { Fault, ProviderErrorInfo } from "../../../lib/ports";
import { HttpError, ProviderError } from "../../../lib/ports";
import { type BrokenProvider, broken, withBytes, withError, withResult, withTask } from "./broken";

const again = (fault: Fault) => (provider: Parameters<BrokenSpoil>[0]) =>
  withError((error, ctx, task) => {
    if (error.fault !== fault) throw error;
    return provider.run(task, ctx);
  })(provider);

type BrokenSpoil = Parameters<typeof broken>[2];

const rule1: readonly BrokenProvider[] = [
  broken(
    1,
    "one picture is made whatever n is",
    withTask((task) => ({ ...task, n: 1 })),
  ),
  broken(
    1,
    "one picture more is made",
    withTask((task) => ({ ...task, n: task.n + 1 })),
  ),
  broken(
    1,
    "what comes is no picture",
    withBytes((piece, nth) => (nth === 0 ? Buffer.concat([Buffer.from("not "), piece]) : piece)),
  ),
  broken(
    1,
    "missing pictures are not mentioned",
    withResult((result) => ({ ...result, meta: () => ({}) })),
  ),
  broken(
    1,
    "no picture passes for success",
    withError((error) => {
      if (error.message !== "The atelier made no picture.") throw error;
      return { images: [], meta: () => ({}) };
    }),
  ),
  broken(1, "each call is made twice", (provider) => ({
    run: async (task, ctx) => {
      await provider.run(task, ctx);
      return provider.run(task, ctx);
    },
  })),
  broken(1, "a busy upstream is asked again", again("overloaded")),
  broken(1, "a broken upstream is asked again", again("unavailable")),
];

/** Says something else of a failure. */
const said = (
  how: string,
  isMeant: (error: ProviderError) => boolean,
  fault: Fault,
  started: ProviderErrorInfo["started"],
) =>
  broken(
    2,
    how,
    withError((error, { signal }) => {
      if (signal.aborted || !isMeant(error)) throw error;
      throw new ProviderError(fault, error.message, { started });
    }),
  );

const cameFrom = (error: ProviderError, isMeant: (cause: HttpError) => boolean): boolean =>
  HttpError.is(error.info.cause) && isMeant(error.info.cause);

const rule2: readonly BrokenProvider[] = [
  broken(2, "more is done than the card offers", (provider) => ({
    models: async (ctx) => (await provider.models(ctx)).map((card) => ({ ...card, ops: ["generate"] })),
  })),
  broken(2, "what was caught is thrown on", (provider) => ({
    run: (task, ctx) =>
      provider.run(task, ctx).catch((error: unknown) => {
        throw ctx.signal.aborted ? error : new Error("it went wrong", { cause: error });
      }),
  })),
  said("a refused key is called unavailable", ({ fault }) => fault === "auth", "unavailable", "no"),
  said("an empty account is called rate_limit", ({ fault }) => fault === "quota", "rate_limit", "no"),
  said("too many calls are called quota", ({ fault }) => fault === "rate_limit", "quota", "no"),
  said("a busy upstream has begun", ({ fault }) => fault === "overloaded", "overloaded", "yes"),
  said("a bad value is called internal", ({ fault }) => fault === "invalid_request", "internal", "maybe"),
  said("a refused prompt is called auth", ({ fault }) => fault === "content_policy", "auth", "no"),
  said("an unknown model is called unavailable", ({ fault }) => fault === "not_found", "unavailable", "no"),
  said(
    "a crash proves that nothing began",
    ({ fault, info }) => fault === "unavailable" && info.cause === undefined,
    "unavailable",
    "no",
  ),
  said(
    "a new word is called internal",
    ({ message }) => message === "The atelier said something new.",
    "internal",
    "yes",
  ),
  said(
    "a strange answer is called unavailable",
    ({ message }) => message === "The atelier's answer cannot be read.",
    "unavailable",
    "maybe",
  ),
  said(
    "a broken connection proves that nothing began",
    (error) => cameFrom(error, ({ failure }) => failure === "reset"),
    "unavailable",
    "no",
  ),
  said(
    "a broken answer proves that nothing began",
    (error) => cameFrom(error, ({ failure }) => failure === "truncated"),
    "unavailable",
    "no",
  ),
  broken(2, "a strange status breaks it", (provider) => ({
    run: (task, ctx) =>
      provider.run(task, ctx).catch((error: unknown) => {
        const isNew = error instanceof Error && error.message === "The atelier said something new.";
        throw isNew && ProviderError.is(error) && error.info.started === "maybe" ? new Error("new") : error;
      }),
  })),
];

export const brokenOutcomes: readonly BrokenProvider[] = [...rule1, ...rule2];
