import { isTerminal, type JobRecord } from "../../ports";

/** Jobs in the order in which they ended. */
export interface Ended {
  /** How many there are. */
  readonly size: number;
  add(id: string): void;
  /** One of them is no longer among the records. */
  removed(): void;
  first(): JobRecord | undefined;
}

/** So many places of those that have left are not worth clearing. */
const FEW = 64;

/**
 * A Set would look again at the places of all that have left its beginning, each time it is asked for its first.
 *
 * @param records where those that are still there are found
 */
export function createEnded(records: ReadonlyMap<string, JobRecord>): Ended {
  let ids: string[] = [];
  /** Before it nobody is there any more. */
  let start = 0;
  let size = 0;

  const recordOf = (id: string | undefined): JobRecord | undefined => {
    const record = id === undefined ? undefined : records.get(id);
    return record !== undefined && isTerminal(record) ? record : undefined;
  };

  return {
    get size() {
      return size;
    },
    add(id) {
      ids.push(id);
      size += 1;
    },
    removed() {
      size -= 1;
      if (ids.length > 2 * size + FEW) {
        ids = ids.slice(start).filter((id) => recordOf(id) !== undefined);
        start = 0;
      }
    },
    first() {
      let first = recordOf(ids[start]);
      while (first === undefined && start < ids.length) {
        start += 1;
        first = recordOf(ids[start]);
      }
      return first;
    },
  };
}
