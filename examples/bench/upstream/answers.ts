import { picturesOf } from "../pictures";
import type { Model } from "../shapes";

const CREATED = 1_764_288_000;
const USAGE = {
  input_tokens: 14,
  output_tokens: 4160,
  total_tokens: 4174,
  input_tokens_details: { text_tokens: 14, image_tokens: 0 },
};

const textsOf = (model: Model): string[] => picturesOf(model).map((picture) => picture.toString("base64"));

/** An `ImagesResponse`, ready to be sent. */
export function jsonAnswer(model: Model): Buffer {
  const data = textsOf(model).map((b64_json) => ({ b64_json }));
  return Buffer.from(JSON.stringify({ created: CREATED, data, usage: USAGE }));
}

/** The events of one picture, ready to be sent. */
export function eventAnswer(model: Model): Buffer[] {
  const texts = textsOf(model);
  return texts.map((b64_json, index) => {
    const isLast = index === texts.length - 1;
    const type = `image_generation.${isLast ? "completed" : "partial_image"}`;
    const about = {
      type,
      created_at: CREATED,
      size: "1024x1024",
      quality: "high",
      background: "opaque",
      output_format: "png",
      ...(isLast ? { usage: USAGE } : { partial_image_index: index }),
    };
    return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ b64_json, ...about })}\n\n`);
  });
}
