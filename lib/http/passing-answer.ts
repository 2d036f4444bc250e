import type { HandedOver, Handover } from "../core/pictures/handover";
import { readKept } from "../core/pictures/kept";
import { encodeBase64 } from "../internal/base64";
import { Flow } from "../internal/flow";
import type { Stop } from "../internal/stop";
import type { ImageStore, JobRecord } from "../ports";
import { type Write, type WrittenPicture, writePassingJson } from "../wire/passing-json";
import { factsOf } from "../wire/response";
import { whyBroken } from "./why-broken";

export interface PassingAnswer {
  readonly store: ImageStore;
  readonly handover: Handover;
  /** The first that came: the answer begins with it. */
  readonly first: HandedOver;
  readonly stop: Stop;
  /** The job when it has succeeded. @throws GatewayError for one that has not */
  succeeded(): Promise<JobRecord>;
}

/** Writes the answer of a job in base64 while its pictures come. @throws GatewayError when one of them breaks off */
export function writePassingAnswer(answer: PassingAnswer, write: Write): Promise<void> {
  let first: HandedOver | undefined = answer.first;
  const next = async (): Promise<WrittenPicture | undefined> => {
    for (;;) {
      const item = first ?? (await answer.handover.next());
      first = undefined;
      if (item === undefined) return undefined;
      const picture = written(item, answer);
      if (picture !== undefined) return picture;
    }
  };
  const created = Math.floor(Date.now() / 1000);
  return writePassingJson({ created, next, facts: async () => factsOf(await answer.succeeded()) }, write);
}

/** Only pictures are: this answer has no place for anything else. */
function written(item: HandedOver, answer: PassingAnswer): WrittenPicture | undefined {
  if (item.kind === "passing") return { ...item.picture, base64: explained(item.picture.base64, answer) };
  return item.kind === "kept" ? kept(item, answer) : undefined;
}

const kept = (
  { image }: Extract<HandedOver, { kind: "kept" }>,
  { store, stop }: PassingAnswer,
): WrittenPicture => ({
  base64: encodeBase64(readKept(store, image, stop.signal)),
  revisedPrompt: () => image.revisedPrompt,
});

const explained = (base64: AsyncIterable<Uint8Array>, { handover, succeeded }: PassingAnswer): Flow =>
  Flow.from(base64).through({ broken: (error) => whyBroken(error, handover, succeeded) });
