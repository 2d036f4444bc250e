import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { dataUrl } from "../support/edits";
import { field, file, formBody, MULTIPART, type RawPart } from "../support/forms";
import { prompt, written } from "./bodies";
import { SECRETS } from "./target";

export interface Upload {
  readonly route: "edits" | "variations";
  readonly type: string;
  readonly body: Buffer;
}

const fixture = (fileName: string) => readFileSync(join(__dirname, "../fixtures/clients", fileName));
export const CAT = fixture("cat.png");
/** As large as the cat. */
export const MASK = fixture("mask.png");
export const DOG = fixture("dog.webp");

/** A request as its sender has it in mind. */
interface Asked {
  readonly route: Upload["route"];
  readonly images: readonly Buffer[];
  readonly mask: Buffer | undefined;
  readonly fields: readonly (readonly [name: string, value: string | number])[];
}

export const asked: fc.Arbitrary<Asked> = fc
  .record({
    route: fc.constantFrom<Upload["route"]>("edits", "edits", "edits", "variations"),
    model: fc.constantFrom("test-model", "open-model"),
    prompt,
    images: fc.constantFrom([CAT], [CAT], [DOG], [CAT, DOG]),
    hasMask: fc.boolean(),
    more: fc.subarray([["n", 2] as const, ["response_format", "b64_json"] as const, ["user", "x"] as const]),
  })
  .map(({ route, model, prompt: text, images, hasMask, more }) =>
    route === "variations"
      ? { route, images: images.slice(0, 1), mask: undefined, fields: [["model", model], ...more] }
      : {
          route,
          images,
          mask: hasMask && images[0] === CAT ? MASK : undefined,
          fields: [["model", model], ["prompt", text], ...more],
        },
  );

export const partsOf = ({ images, mask, fields }: Asked): RawPart[] => [
  ...images.map((image) => file(images.length === 1 ? "image" : "image[]", image, `${SECRETS.prompt}.png`)),
  ...fields.map(([key, text]) => field(key, String(text))),
  ...(mask === undefined ? [] : [file("mask", mask)]),
];

export const membersOf = ({ images, mask, fields }: Asked): (readonly [name: string, json: string])[] => [
  ...fields.map(([key, text]) => [key, JSON.stringify(text)] as const),
  ["images", JSON.stringify(images.map((image) => ({ image_url: dataUrl(image) })))],
  ...(mask === undefined ? [] : [["mask", JSON.stringify({ image_url: dataUrl(mask) })] as const]),
];

export const form = (route: Upload["route"], parts: readonly RawPart[]): Upload => ({
  route,
  type: MULTIPART,
  body: formBody(parts),
});

export const json = (text: string, route: Upload["route"] = "edits"): Upload => ({
  route,
  type: "application/json",
  body: Buffer.from(text),
});

/** Nothing wrong with it. */
export const validUpload: fc.Arbitrary<Upload> = fc
  .tuple(asked, fc.boolean())
  .map(([request, isForm]) =>
    isForm || request.route === "variations"
      ? form(request.route, partsOf(request))
      : json(written(membersOf(request))),
  );
