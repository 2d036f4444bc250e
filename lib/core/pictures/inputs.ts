import type { ImageStore, JobOwner, Logger } from "../../ports";
import { draining } from "../../ports/common-errors";
import { InputAccounts } from "./input-accounts";
import { InputHold, type InputLimits } from "./input-hold";

export interface InputsOptions {
  readonly store: ImageStore;
  readonly limits: InputLimits & {
    /** What the unfinished requests of one principal may hold together. */
    readonly inputBytesPerPrincipal: number;
  };
  readonly log: Logger;
  /** Jobs may go on in other processes when this one has closed. */
  readonly jobsOutlive: boolean;
}

/** The pictures of all requests of this process that have not ended. */
export interface Inputs {
  /** @throws GatewayError `draining` */
  hold(owner: JobOwner): InputHold;
  /** Discards what is still held, save for jobs that go on elsewhere. Never rejects. */
  close(): Promise<void>;
}

export function createInputs({ store, limits, log, jobsOutlive }: InputsOptions): Inputs {
  const accounts = new InputAccounts(limits.inputBytesPerPrincipal);
  const holds = new Set<InputHold>();
  let isClosed = false;
  return {
    hold(owner) {
      if (isClosed) throw draining();
      const onDiscarded = () => void holds.delete(hold);
      const hold = new InputHold(owner, { store, accounts, limits, log, onDiscarded });
      holds.add(hold);
      return hold;
    },
    async close() {
      isClosed = true;
      await Promise.all([...holds].map((hold) => (jobsOutlive ? hold.requestEnded() : hold.discard())));
    },
  };
}
