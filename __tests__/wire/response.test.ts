import { toImagesResponse } from "../../lib/wire/response";
import { jobRecord, storedImage } from "./records";

describe("toImagesResponse", () => {
  it("says only what is known", () => {
    const job = jobRecord({ status: "completed", completedAt: 1_700_000_001_500, images: [storedImage()] });
    const response = toImagesResponse(job, ({ kept }) => `https://img.example.com/${kept?.key}`);
    expect(response).toEqual({
      created: 1_700_000_001,
      data: [{ url: `https://img.example.com/${"k".repeat(22)}` }],
      size: "640x480",
      output_format: "webp",
    });
  });

  it("writes warnings after the data, and all that the upstream told", () => {
    const job = jobRecord({
      responseFormat: "b64_json",
      images: [
        storedImage({ revisedPrompt: "a very red cube", contentType: "image/jpeg" }),
        storedImage({ kept: { key: "l".repeat(22), expiresAt: 1 }, width: 1 }),
      ],
      warnings: [{ param: "style", message: "ignored" }],
      usage: {
        inputTokens: 1,
        outputTokens: 2,
        totalTokens: 3,
        inputTokensDetails: { textTokens: 1, imageTokens: 0 },
      },
      effective: { quality: "high", background: "opaque" },
    });
    const response = toImagesResponse(job, ({ kept }) => String(kept?.key[0]));
    expect(response).toEqual({
      created: 1_700_000_000,
      data: [{ b64_json: "k", revised_prompt: "a very red cube" }, { b64_json: "l" }],
      size: "640x480",
      output_format: "jpeg",
      quality: "high",
      background: "opaque",
      usage: {
        total_tokens: 3,
        input_tokens: 1,
        output_tokens: 2,
        input_tokens_details: { text_tokens: 1, image_tokens: 0 },
      },
      warnings: [{ param: "style", message: "ignored" }],
    });
    expect(Object.keys(response).indexOf("warnings")).toBeGreaterThan(Object.keys(response).indexOf("data"));
  });

  it("makes up no tokens that the upstream did not count", () => {
    const images = [storedImage()];
    expect(toImagesResponse(jobRecord({ images, usage: { outputTokens: 0 } }), () => "").usage).toEqual({
      output_tokens: 0,
    });
    expect(
      toImagesResponse(jobRecord({ images, usage: { inputTokensDetails: {} } }), () => "").usage,
    ).toEqual({
      input_tokens_details: {},
    });
  });
});
