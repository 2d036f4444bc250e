import type { Response } from "express";
import type { HandedOver, Handover } from "../core/pictures/handover";
import { readKept } from "../core/pictures/kept";
import { encodeBase64 } from "../internal/base64";
import type { ErrorBody, ImageStore, JobImage, JobRecord } from "../ports";
import {
  errorEvent,
  eventEnd,
  KEEP_ALIVE,
  KEEP_ALIVE_INSIDE,
  pictureEvent,
  progressEvent,
} from "../wire/image-events";
import { SILENCE_MS } from "./begin-events";
import { Body, type BodyPart } from "./body";
import { whyBroken } from "./why-broken";

export interface StreamAnswer {
  readonly store: ImageStore;
  readonly handover: Handover;
  readonly job: JobRecord;
  readonly signal: AbortSignal;
  /** The job when it has succeeded. @throws GatewayError for one that has not */
  succeeded(): Promise<JobRecord>;
  /** An error as callers may see it. */
  explain(error: unknown): ErrorBody;
  /** Sets status and headers. */
  begin(): void;
}

/**
 * Answers with events: unfinished and finished pictures as they come, how far the job is between them, and an error when it fails after the
 * first event.
 *
 * @throws what makes the job fail before the first event; the signal's reason when the client has gone
 */
export async function streamAnswer(res: Response, answer: StreamAnswer): Promise<void> {
  const { handover, signal, succeeded } = answer;
  const events = new Events(res, answer);
  try {
    for (
      let item = await handover.next(SILENCE_MS);
      item !== undefined;
      item = await handover.next(SILENCE_MS)
    ) {
      if (events.hasBegun || isSign(item)) await events.send(item);
    }
    await events.finish(await succeeded());
  } catch (error) {
    if (signal.aborted) {
      res.destroy();
      throw signal.reason;
    }
    if (!events.hasBegun) throw error;
    await events.fail(error);
  }
}

/**
 * Does this show that the provider is at work? Until it does an error can still be told by a status.
 */
const isSign = (item: HandedOver): boolean =>
  item.kind !== "progress" || item.job.progress > 0 || item.job.step !== undefined;

/** The events of one answer, one after the other. */
class Events {
  readonly #res: Response;
  readonly #body: Body;
  readonly #answer: StreamAnswer;
  readonly #sent = new Set<number>();
  /** The last picture of all, whose event is not ended yet: what the job tells at its end belongs into it. */
  #open: { readonly revisedPrompt: string | undefined } | undefined;
  #isInside = false;

  constructor(res: Response, answer: StreamAnswer) {
    this.#res = res;
    this.#body = new Body(res, answer);
    this.#answer = answer;
  }

  get hasBegun(): boolean {
    return this.#body.hasBegun;
  }

  async send(item: HandedOver): Promise<void> {
    const { store, signal } = this.#answer;
    switch (item.kind) {
      case "silence":
        return this.#event(this.#open === undefined ? KEEP_ALIVE : KEEP_ALIVE_INSIDE);
      case "progress":
        return this.#isLast() ? undefined : this.#event(progressEvent(item.job));
      case "passing": {
        const { picture } = item;
        return this.#picture(picture, picture.base64, () => picture.revisedPrompt());
      }
      case "kept": {
        const { image, place } = item;
        const base64 = encodeBase64(readKept(store, image, signal));
        return this.#picture({ ...image, place }, base64, () => image.revisedPrompt);
      }
    }
  }

  /** Ends the last event with what the job says, and the answer. Pictures that another process made come now, out of the store. */
  async finish(job: JobRecord): Promise<void> {
    if (this.#sent.size === 0) {
      for (const [place, image] of job.images.entries()) await this.send({ kind: "kept", place, image });
    }
    // Where fewer pictures came than were asked for, no event has waited for it.
    if (this.#open === undefined) await this.#event(progressEvent(job));
    else await this.#write(eventEnd(job.request, { ...this.#open, job }));
    await this.#body.end();
  }

  /** @throws why the job failed, when that breaks a picture off */
  async fail(error: unknown): Promise<void> {
    const { handover, succeeded } = this.#answer;
    if (this.#isInside) {
      // Half a picture must not look like a whole one.
      this.#res.destroy();
      throw await whyBroken(error, handover, succeeded);
    }
    await this.#end();
    await this.#event(errorEvent(this.#answer.explain(error)));
    await this.#body.end();
  }

  async #picture(
    picture: { readonly place: number; readonly partial?: number } & Pick<
      JobImage,
      "contentType" | "width" | "height"
    >,
    base64: AsyncIterable<Uint8Array>,
    revisedPrompt: () => string | undefined,
  ): Promise<void> {
    const { request } = this.#answer.job;
    this.#isInside = true;
    await this.#write(...pictureEvent(request, picture, base64));
    if (picture.partial !== undefined) {
      await this.#write(eventEnd(request));
    } else {
      this.#sent.add(picture.place);
      this.#open = { revisedPrompt: revisedPrompt() };
      if (!this.#isLast()) await this.#end();
    }
    this.#isInside = false;
    this.#body.flush();
  }

  /** Has the last of all pictures been sent? */
  #isLast(): boolean {
    return this.#sent.size === this.#answer.job.request.n;
  }

  async #event(text: string): Promise<void> {
    await this.#write(text);
    this.#body.flush();
  }

  /** Ends the event that is open without what only the job's end tells. */
  async #end(): Promise<void> {
    if (this.#open === undefined) return;
    await this.#write(eventEnd(this.#answer.job.request, this.#open));
    this.#open = undefined;
  }

  async #write(...parts: readonly BodyPart[]): Promise<void> {
    for (const part of parts) await this.#body.add(part);
  }
}
