import type { Download } from "playwright-core";
import sharp from "sharp";

import { describeInChromium } from "./chromium";
import { SIDE, withPlayground } from "./playground";

async function saved(download: Download) {
  const { format, width } = await sharp(await download.path()).metadata();
  return { name: download.suggestedFilename(), format, width };
}

describeInChromium("the gallery of the playground", (browser) => {
  it("opens pictures large and goes through them by keyboard", () =>
    withPlayground(browser(), {}, async ({ page, cards, generate }) => {
      await generate("an old harbour");
      await cards("completed").waitFor();
      await page.getByTestId("n").fill("2");
      await generate("two sailing boats");
      await cards("completed").nth(1).waitFor();

      const openers = page.getByTestId("gallery-open");
      const large = page.getByTestId("lightbox-image");
      const alt = () => large.getAttribute("alt");
      const src = () => large.getAttribute("src");
      expect(await openers.count()).toBe(3);
      await openers.first().focus();
      await page.keyboard.press("Enter");
      await page.getByTestId("lightbox").waitFor();
      await large.and(page.getByAltText("two sailing boats")).waitFor();
      const first = await src();
      await page.keyboard.press("ArrowRight");
      expect(await alt()).toBe("two sailing boats");
      expect(await src()).not.toBe(first);
      await page.keyboard.press("ArrowRight");
      expect(await alt()).toBe("an old harbour");
      await page.keyboard.press("ArrowRight");
      expect(await src()).toBe(first);
      await page.keyboard.press("ArrowLeft");
      expect(await alt()).toBe("an old harbour");
      await page.getByTestId("lightbox-previous").click();
      expect(await alt()).toBe("two sailing boats");
      expect(await large.evaluate((image) => image.decode().then(() => image.naturalWidth))).toBe(SIDE);

      await page.keyboard.press("Escape");
      await page.getByTestId("lightbox").waitFor({ state: "hidden" });
      expect(await openers.first().evaluate((opener) => opener.matches(":focus"))).toBe(true);
    }));

  it("saves pictures under a name made from the prompt", () =>
    withPlayground(browser(), {}, async ({ page, cards, generate }) => {
      await generate("A fox, asleep!");
      await cards("completed").waitFor();
      await page.getByTestId("gallery-item").hover();
      const [fromGallery] = await Promise.all([
        page.waitForEvent("download"),
        page.getByTestId("gallery-download").click(),
      ]);
      expect(await saved(fromGallery)).toEqual({
        name: expect.stringMatching(/^a-fox-asleep-[0-9a-f]{6}-1\.png$/),
        format: "png",
        width: SIDE,
      });
      await page.getByTestId("gallery-open").click();
      const [fromLightbox] = await Promise.all([
        page.waitForEvent("download"),
        page.getByTestId("lightbox-download").click(),
      ]);
      expect(await saved(fromLightbox)).toMatchObject({ format: "png", width: SIDE });
      await page.getByTestId("lightbox-close").click();
      await page.getByTestId("lightbox").waitFor({ state: "hidden" });
    }));

  it("still has the pictures after a reload", () =>
    withPlayground(browser(), {}, async ({ page, cards, generate }) => {
      await generate("a paper crane");
      await cards("completed").waitFor();
      await page.reload();
      const picture = page.getByTestId("gallery-open").getByAltText("a paper crane");
      await picture.scrollIntoViewIfNeeded();
      expect(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth))).toBe(SIDE);
      expect(await page.getByTestId("job-card").count()).toBe(0);
    }));
});
