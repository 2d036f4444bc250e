import type { HandedOver, Handover } from "../core/pictures/handover";
import { readKept } from "../core/pictures/kept";
import { encodeBase64 } from "../internal/base64";
import { Flow } from "../internal/flow";
import type { Stop } from "../internal/stop";
import type { ImageStore, JobRecord } from "../ports";
import type { TextPart } from "../wire/image-json";
import { passingJson, type WrittenPicture } from "../wire/passing-json";
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

/** The answer of a job in base64, written while its pictures come. @throws GatewayError when one of them breaks off */
export function passingAnswer(answer: PassingAnswer): AsyncIterable<TextPart> {
  const created = Math.floor(Date.now() / 1000);
  return passingJson(created, pictures(answer), async () => factsOf(await answer.succeeded()));
}

async function* pictures(answer: PassingAnswer): AsyncGenerator<WrittenPicture> {
  const { handover, first } = answer;
  for (let item: HandedOver | undefined = first; item !== undefined; item = await handover.next()) {
    if (item.kind === "passing") yield { ...item.picture, base64: explained(item.picture.base64, answer) };
    if (item.kind === "kept") yield kept(item, answer);
  }
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
