import { decodeBase64 } from "../../internal/base64";
import { defined } from "../../internal/defined";
import { type Stopping, signalOf } from "../../internal/stop";
import { tee } from "../../internal/tee";
import { untilAborted } from "../../internal/until-aborted";
import type { ImageOut, JobImage, Preview, Reservation } from "../../ports";
import { GatewayError, ProviderError } from "../../ports";
import type { Convert } from "./conversions";
import type { Handover, PassingPicture } from "./handover";
import { type OpenOptions, type OpenPicture, openPicture } from "./open-picture";
import type { Spares } from "./spares";

/** Where the pictures of one job go. */
export interface Desk extends Omit<OpenOptions, "signal"> {
  /** Room in the store, made when it is first needed. @throws GatewayError `storage_unavailable` */
  room(): Promise<Reservation>;
  /** Where the caller waits; absent: nobody takes pictures as they come. */
  readonly handover: Handover | undefined;
  /** The store gets every picture, those that are handed over too. */
  readonly keeps: boolean;
  /** Where those pictures lie that are kept only for a caller that may have to ask again; absent: in the store. */
  readonly spares: Spares | undefined;
  /** Hears why a picture that its caller has got is not in the store. */
  unkept(error: unknown): void;
  /** Finished pictures go through it first; absent: they go as they came. */
  readonly convert: Convert | undefined;
}

/** One picture on its way in. */
interface Arrival {
  readonly out: ImageOut;
  /** In the job. */
  readonly place: number;
  readonly picture: OpenPicture;
  readonly desk: Desk;
  readonly signal: Stopping;
}

/**
 * Takes in one finished picture of a provider, piece by piece: it goes to the caller where that waits for it, to the store where it
 * is to be kept or nobody takes it.
 *
 * @param place of the picture in its job
 * @throws ProviderError `protocol` when it is no picture, too big or cannot be fetched; GatewayError `storage_unavailable`, and
 * `job_cancelled` when the caller left in the middle of a picture that is not kept
 */
export async function takeIn(out: ImageOut, place: number, desk: Desk, signal: Stopping): Promise<JobImage> {
  const { handover } = desk;
  const { fetcher, maxBytes } = desk;
  const options: OpenOptions = { fetcher, maxBytes, signal };
  const opened = await openPicture(out, options);
  try {
    const picture = (await desk.convert?.(opened, options)) ?? opened;
    const arrival: Arrival = { out, place, picture, desk, signal };
    if (handover?.takes(place) !== true) {
      const image = await (desk.spares === undefined
        ? keep(arrival, picture.bytes())
        : spare(arrival, picture.base64(), desk.spares));
      handover?.keep(place, image);
      return image;
    }
    return await (desk.keeps ? passAndKeep(arrival, handover) : pass(arrival, handover));
  } finally {
    opened.close();
  }
}

/**
 * Relays an unfinished version of a picture, whole; one that nobody takes, or that is none, is let go: the finished one is still to come.
 *
 * @returns the picture, where it is no larger than `previewBytes`
 */
export async function relayPartial(
  out: ImageOut,
  place: number,
  desk: Desk,
  previewBytes: number,
  signal: Stopping,
): Promise<Preview | undefined> {
  const { handover, fetcher, maxBytes } = desk;
  if (handover?.isOpen() !== true) return undefined;
  const picture = await openPicture(out, { fetcher, maxBytes, signal }).catch(() => undefined);
  signal.throwIfAborted();
  if (picture === undefined) return undefined;
  const seen: Uint8Array[] = [];
  const watched = picture.base64().through({
    piece(piece) {
      if (picture.length() <= previewBytes) seen.push(piece);
      return piece;
    },
  });
  try {
    const isWhole = await handover.pass(passingOf({ out, place, picture, desk, signal }, watched));
    if (!isWhole || picture.length() > previewBytes) return undefined;
    return {
      type: picture.contentType,
      bytes: Buffer.from(Buffer.concat(seen).toString("latin1"), "base64"),
    };
  } finally {
    picture.close();
  }
}

const passingOf = ({ out, place, picture }: Arrival, base64: AsyncIterable<Uint8Array>): PassingPicture =>
  defined({
    contentType: picture.contentType,
    width: picture.width,
    height: picture.height,
    place,
    base64,
    revisedPrompt: () => out.revisedPrompt,
    partial: out.partial,
  });

async function pass(arrival: Arrival, handover: Handover): Promise<JobImage> {
  const { picture } = arrival;
  let hasBegun = false;
  const base64 = picture.base64().through({
    begun: () => {
      hasBegun = true;
    },
  });
  if (await handover.pass(passingOf(arrival, base64))) return factsOf(arrival);
  // For a caller that comes back.
  if (!hasBegun) return keep(arrival, picture.bytes());
  throw new GatewayError("job_cancelled", "The caller left while the picture was on its way.");
}

async function passAndKeep(arrival: Arrival, handover: Handover): Promise<JobImage> {
  const [toCaller, toStore] = tee(arrival.picture.base64());
  const passing = handover
    .pass(passingOf(arrival, toCaller.taken))
    // What breaks it breaks the keeping too, which says so.
    .catch(() => false)
    // A caller that leaves while the picture waits in line never looks at it.
    .finally(() => toCaller.leave());
  const { spares } = arrival.desk;
  const keeping = (
    spares === undefined ? keep(arrival, decodeBase64(toStore.taken)) : spare(arrival, toStore.taken, spares)
  )
    .then(
      (image) => ({ image, error: undefined }),
      (error: unknown) => ({ image: undefined, error }),
    )
    .finally(() => toStore.leave());
  const [isPassed, { image, error }] = await Promise.all([passing, keeping]);
  if (image !== undefined) return image;
  // One that has left meanwhile may come again, and would find nothing.
  if (!isPassed || !handover.isOpen()) throw error;
  // It is made and billed, and its caller has it.
  arrival.desk.unkept(error);
  return factsOf(arrival);
}

/** Keeps what comes as base64 in memory, or in the store when there is no room for it. */
async function spare(arrival: Arrival, base64: AsyncIterable<Uint8Array>, spares: Spares): Promise<JobImage> {
  const { signal } = arrival;
  const draft = spares.begin();
  const pieces = untilAborted(base64, signal);
  try {
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      if (draft.add(next.value)) continue;
      return await keep(arrival, decodeBase64(joined(draft.drain(), next.value, pieces)));
    }
    signal.throwIfAborted();
    const facts = factsOf(arrival);
    const { key, expiresAt } = draft.keep(facts);
    return { ...facts, kept: { key, expiresAt } };
  } finally {
    draft.drop();
  }
}

async function* joined(
  first: Iterable<Uint8Array>,
  next: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield next;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** The facts of a picture that has been read. */
const factsOf = ({ picture, out, place }: Arrival): JobImage =>
  defined({
    place,
    contentType: picture.contentType,
    bytes: picture.length(),
    width: picture.width,
    height: picture.height,
    revisedPrompt: out.revisedPrompt,
  });

async function keep(arrival: Arrival, bytes: AsyncIterable<Uint8Array>): Promise<JobImage> {
  const { picture, desk, signal } = arrival;
  const { contentType, width, height } = picture;
  const reservation = await desk.room();
  try {
    const { key, expiresAt } = await reservation.write({
      bytes,
      contentType,
      width,
      height,
      signal: signalOf(signal),
    });
    return { ...factsOf(arrival), kept: { key, expiresAt } };
  } catch (error) {
    if (ProviderError.is(error) || signal.aborted) throw error;
    // The picture is made and billed: unlike a store that is full beforehand this is no reason to ask again.
    throw new GatewayError("storage_unavailable", "The pictures were made but could not be kept.", {
      retry: false,
      cause: error,
    });
  }
}
