import { Cuttable } from "../../internal/cuttable";
import { Flow } from "../../internal/flow";
import type { ImageHead } from "../../internal/image-head";
import type { JobImage, JobRecord } from "../../ports";

/** A picture that goes to its caller while the provider still sends it. */
export interface PassingPicture extends ImageHead {
  /** Its place in the job, from 0. */
  readonly place: number;
  /** Of an unfinished version: which one of this picture, from 0. */
  readonly partial?: number;
  /** Plain padded base64. To be read to its end, or left; what it throws is the provider's failure. */
  readonly base64: AsyncIterable<Uint8Array>;
  /** Known at the latest when the base64 has been read. */
  revisedPrompt(): string | undefined;
}

/** What comes to the caller, one after the other. */
export type HandedOver =
  | { readonly kind: "passing"; readonly picture: PassingPicture }
  /** It lies in the store. */
  | { readonly kind: "kept"; readonly place: number; readonly image: JobImage }
  /** How far the job is. */
  | { readonly kind: "progress"; readonly job: JobRecord }
  /** Nothing has come for a while. */
  | { readonly kind: "silence" };

/**
 * Where the pictures of a running job meet the caller that waits for them, so that they need not be stored on their way. One that
 * comes while another passes is for the store, and so is one that is not next where they go in order.
 */
export interface Handover {
  /** Would the caller take the finished picture of this place right now? */
  takes(place: number): boolean;
  /** Is the caller still there? */
  isOpen(): boolean;
  /**
   * Hands a picture over and waits until the caller has read it. Unfinished versions may come at any time, and wait for their turn.
   *
   * @returns `false` when the caller has left before its end
   * @throws what the picture's base64 throws
   */
  pass(picture: PassingPicture): Promise<boolean>;
  /** The picture of this place lies in the store. */
  keep(place: number, image: JobImage): void;
  /** How far the job is; only the latest is told. */
  report(job: JobRecord): void;
  /** No picture will come in these places. */
  skip(places: Iterable<number>): void;
  /** The job has ended: whoever still waits for a picture, or for more of one, waits in vain. @param end its last record, where that is known */
  close(end?: JobRecord): void;

  /**
   * The caller's side: what comes next; `undefined` when no more will.
   *
   * @param silenceMs after so long without anything `silence` is told; default: never
   */
  next(silenceMs?: number): Promise<HandedOver | undefined>;
  /** The last record of the job, once nothing more comes; absent: nobody has told. */
  end(): JobRecord | undefined;
  /** The caller has left. */
  leave(): void;
}

interface Passing {
  readonly base64: Cuttable<Uint8Array>;
  settle(isTaken: boolean): void;
}

/** @param inOrder finished pictures come in the order of their places; else as they come */
export function createHandover({ inOrder }: { readonly inOrder: boolean }): Handover {
  /** By place, what came out of turn; `undefined`: nothing will come there. */
  const early = new Map<number, HandedOver | undefined>();
  const line: HandedOver[] = [];
  const passing = new Set<Passing>();
  /** Places that have been told of: what passes is often kept as well, and news of it may come twice. */
  const seen = new Set<number>();
  let turn = 0;
  let isFinalPassing = false;
  let isOpen = true;
  let isOver = false;
  let last: JobRecord | undefined;
  let wake = () => {};

  const wakeUp = () => {
    const awaken = wake;
    wake = () => {};
    awaken();
  };
  const put = (item: HandedOver) => {
    line.push(item);
    wakeUp();
  };
  const advance = () => {
    turn += 1;
    while (early.has(turn)) {
      const item = early.get(turn);
      early.delete(turn);
      if (item !== undefined) put(item);
      turn += 1;
    }
  };
  const arrive = (place: number, item: HandedOver | undefined) => {
    if (seen.has(place)) return;
    seen.add(place);
    if (inOrder && place > turn) return void early.set(place, item);
    if (item !== undefined) put(item);
    if (inOrder) advance();
  };

  return {
    end: () => last,
    isOpen: () => isOpen,
    takes: (place) => isOpen && !isFinalPassing && (!inOrder || place === turn),

    async pass(picture) {
      if (!isOpen) return false;
      const isFinal = picture.partial === undefined;
      if (isFinal) {
        isFinalPassing = true;
        seen.add(picture.place);
      }
      let handed: Passing | undefined;
      try {
        return await new Promise<boolean>((resolve, reject) => {
          const base64 = Flow.from(picture.base64).through({
            broken: (error) => {
              reject(error);
              return error;
            },
            over: resolve,
          });
          handed = { base64: new Cuttable(base64), settle: resolve };
          passing.add(handed);
          put({ kind: "passing", picture: { ...picture, base64: handed.base64 } });
        });
      } finally {
        if (handed !== undefined) passing.delete(handed);
        if (isFinal) {
          isFinalPassing = false;
          if (inOrder) advance();
        }
      }
    },

    keep: (place, image) => arrive(place, { kind: "kept", place, image }),

    report(job) {
      if (!isOpen) return;
      const last = line.at(-1);
      if (last?.kind === "progress") line.pop();
      put({ kind: "progress", job });
    },

    skip(places) {
      for (const place of places) arrive(place, undefined);
    },

    close(end) {
      last ??= end;
      const rest = [...early].sort(([a], [b]) => a - b);
      early.clear();
      // Where the job runs elsewhere nobody tells of places that stay empty.
      for (const [, item] of rest) if (item !== undefined) line.push(item);
      // A provider may go on with what nobody wants any more.
      for (const { base64 } of passing) base64.cut(new Error("The job has ended."));
      isOver = true;
      wakeUp();
    },

    async next(silenceMs) {
      let isSilent = false;
      const timer =
        silenceMs === undefined
          ? undefined
          : setTimeout(() => {
              isSilent = true;
              wakeUp();
            }, silenceMs);
      while (line.length === 0 && !isOver && isOpen && !isSilent) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(timer);
      return line.shift() ?? (isSilent && !isOver && isOpen ? { kind: "silence" } : undefined);
    },

    leave() {
      isOpen = false;
      for (const { settle } of passing) settle(false);
      line.length = 0;
      wakeUp();
    },
  };
}
