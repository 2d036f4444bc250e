import { median } from "../median";
import type { Tally } from "../processes/messages";
import type { Series } from "../shapes";
import { Connection, type Received } from "./connection";
import { addressIn, type Judge } from "./verdict";

/** One answer in so many is hashed, not only measured. */
const SAMPLE_EVERY = 16;
/** No request is begun later than that, and none may take longer. */
const LATEST_START_MS = 15_000;
const MOST_MS = 120_000;

export interface Loop extends Series {
  readonly port: number;
  readonly request: Buffer;
  readonly judge: Judge;
}

/**
 * Sends so many requests at a time, each as soon as the one before it has its answer, until all are sent or one goes wrong. What goes
 * wrong is told, not thrown.
 */
export async function closedLoop({ port, inFlight, count, request, judge }: Loop): Promise<Tally> {
  const connections: Connection[] = [];
  const close = () => {
    for (const connection of connections) connection.close();
  };
  const patience = setTimeout(close, MOST_MS);
  const firstByteMs: number[] = [];
  /** For each place in the answer. */
  const pictureMs: number[][] = [];
  const addresses: string[] = [];
  let startedAt = 0;
  let begun = 0;
  let done = 0;
  let failure = "";

  const note = ({ sentAt, firstByteAt, pictures }: Received) => {
    firstByteMs.push(firstByteAt - sentAt);
    for (const [place, { at }] of pictures.entries()) {
      pictureMs[place] ??= [];
      pictureMs[place].push(at - sentAt);
    }
    done += 1;
  };
  const mayBegin = () => failure === "" && begun < count && performance.now() - startedAt < LATEST_START_MS;
  const work = async (connection: Connection) => {
    while (mayBegin()) {
      const isSample = begun++ % SAMPLE_EVERY === 0;
      const received = await connection.exchange(request, isSample);
      failure ||= judge(received) ?? "";
      note(received);
      const address = isSample ? addressIn(received) : undefined;
      if (address !== undefined) addresses.push(address);
    }
  };
  try {
    while (connections.length < inFlight) connections.push(await Connection.open(port));
    startedAt = performance.now();
    await Promise.all(connections.map(work));
  } catch (error) {
    failure ||= error instanceof Error ? error.message : String(error);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  clearTimeout(patience);
  close();
  return {
    done,
    seconds,
    firstByteMs: median(firstByteMs),
    pictureMs: pictureMs.map(median),
    addresses,
    failure,
  };
}
