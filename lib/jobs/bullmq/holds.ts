import { randomUUID } from "node:crypto";
import { GatewayError } from "../../ports";
import { draining } from "../../ports/common-errors";
import { jobCancelled } from "../ends";
import type { Row } from "./row";

/** A job at work in this process. */
export interface Hold {
  readonly id: string;
  /** What tells this claim from every other one; written into the job, which then takes no change from anybody else. */
  readonly claim: string;
  readonly signal: AbortSignal;
  /** Resolves when its runner has come back. */
  readonly done: Promise<void>;
  /** As this process has last written or read it. */
  known: Row | undefined;
  /** The claim is written. */
  isWritten: boolean;
  /** An upstream call may have been made. */
  isMarked: boolean;
  /** What is still said of the job goes unheard: another process has it, or will get it. */
  isLost: boolean;
  /** Its time here is over: where nothing was begun it goes to another process. */
  isLeaving: boolean;
  cancel(): void;
  lose(): void;
  leave(): void;
  end(): void;
}

/** The jobs at work in this process, by id. */
export interface Holds {
  get(id: string): Hold | undefined;
  take(id: string): Hold;
  all(): readonly Hold[];
}

export function createHolds(): Holds {
  const holds = new Map<string, Hold>();

  return {
    get: (id) => holds.get(id),
    all: () => [...holds.values()],
    take(id) {
      const stop = new AbortController();
      let finish = () => {};
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const hold: Hold = {
        id,
        claim: randomUUID(),
        signal: stop.signal,
        done,
        known: undefined,
        isWritten: false,
        isMarked: false,
        isLost: false,
        isLeaving: false,
        cancel: () => stop.abort(jobCancelled()),
        lose() {
          hold.isLost = true;
          stop.abort(taken());
        },
        leave() {
          hold.isLeaving = true;
          stop.abort(draining());
        },
        end() {
          if (holds.get(id) === hold) holds.delete(id);
          finish();
        },
      };
      holds.set(id, hold);
      return hold;
    },
  };
}

const taken = () => new GatewayError("worker_lost", "The job is in the hands of another process.");
