import sharp from "sharp";

import { createRaster } from "../../../lib/providers/demo/paint/raster";
import { drawPicture } from "../../../lib/providers/demo/picture";

const raster = createRaster(sharp);
const order = { prompt: "city", seed: 3, width: 128, height: 128 };

describe("drawing a picture", () => {
  it("puts the label last, over everything", async () => {
    const document = (await drawPicture(order, raster)).document(128, 128);
    expect(document.match(/<g id="demo-label">/g)).toHaveLength(1);
    expect(document.slice(document.indexOf('<g id="demo-label">'))).not.toContain("<image");
  });

  it("lets nothing of the prompt into the document", async () => {
    const prompt = `city </svg><image href="http://example.com/x"/> & "quoted" zebra`;
    const document = (await drawPicture({ ...order, prompt }, raster)).document(128, 128);
    for (const part of ["example.com", "zebra", "quoted", "&"]) expect(document).not.toContain(part);
  });

  it("draws more of everything in high quality", async () => {
    const plain = (await drawPicture(order, raster)).document(128, 128);
    const fine = (await drawPicture({ ...order, quality: "hd" }, raster)).document(128, 128);
    expect(fine.length).toBeGreaterThan(plain.length);
  });
});
