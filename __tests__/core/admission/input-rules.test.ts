import { checkInputs } from "../../../lib/core/admission/input-rules";
import type { ModelCard, RequestImage, RequestInputs } from "../../../lib/ports";
import { refusalOf, request } from "../bench";

const image = (bytes = 1_000): RequestImage => ({
  key: "k".repeat(32),
  name: "image.png",
  type: "image/png",
  bytes,
  width: 8,
  height: 8,
  digest: "0".repeat(64),
});

const check = (card: Partial<ModelCard>, inputs?: RequestInputs) =>
  checkInputs({ id: "m", ...card }, request({ op: "edit", ...(inputs && { inputs }) }));

const refused = async (card: Partial<ModelCard>, inputs: RequestInputs) => {
  const { code, param, message } = await refusalOf(() => check(card, inputs));
  return { code, param, message };
};

it("lets pass what the card says nothing of, and requests without pictures", () => {
  check({}, { images: Array.from({ length: 16 }, () => image(50_000_000)), mask: image() });
  check({ limits: { inputImages: 0, inputBytes: 0 }, params: { mask: false } });
});

it("takes as many pictures as the card allows, of the size that it allows", () => {
  check({ limits: { inputImages: 2, inputBytes: 1_000 } }, { images: [image(), image()], mask: image() });
});

it("refuses a mask where the model takes none", async () => {
  expect(await refused({ params: { mask: false } }, { images: [image()], mask: image() })).toEqual({
    code: "unsupported_parameter",
    param: "mask",
    message: "This model takes no mask.",
  });
});

it.each([
  [1, "This model takes one picture in 'image', not 3."],
  [2, "This model takes 2 pictures in 'image', not 3."],
])("refuses more than %i pictures", async (inputImages, message) => {
  const inputs = { images: [image(), image(), image()] };
  expect(await refused({ limits: { inputImages } }, inputs)).toEqual({
    code: "invalid_value",
    param: "image",
    message,
  });
});

it.each([
  ["image", { images: [image(), image(1_001)] }],
  ["mask", { images: [image()], mask: image(1_001) }],
])("refuses a picture in '%s' that is larger than the model takes", async (param, inputs) => {
  expect(await refused({ limits: { inputBytes: 1_000 } }, inputs)).toEqual({
    code: "invalid_value",
    param,
    message: `A picture in '${param}' has 1001 bytes; this model takes at most 1000.`,
  });
});
