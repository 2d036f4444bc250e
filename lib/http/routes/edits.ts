import type { Inputs } from "../../core/pictures/inputs";
import type { Principal } from "../../ports";
import type { PictureRequest } from "../../wire/request";
import { type AnswerOptions, answerRequest } from "../answer-request";
import type { Handler } from "../exchange";
import { readUpload, type UploadOptions } from "../uploads/read-upload";
import type { TakeImage } from "../uploads/upload";

export interface EditsOptions<P extends Principal> extends AnswerOptions<P> {
  readonly inputs: Inputs;
  readonly upload: UploadOptions;
}

/** POST /images/edits and /images/variations: body and pictures → request → job → its end → answer. */
export const edits =
  <P extends Principal>(options: EditsOptions<P>, kind: PictureRequest): Handler<P> =>
  async (exchange) => {
    const { req, caller } = exchange;
    const { signal } = exchange.stop;
    const hold = options.inputs.hold(caller);
    try {
      const take: TakeImage = (image) => hold.take(image, signal);
      const { body, ...given } = await readUpload(req, kind, take, signal, options.upload);
      await answerRequest(options, exchange, kind.parse(body, given), hold);
    } finally {
      await hold.requestEnded();
    }
  };
