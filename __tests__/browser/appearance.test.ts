import { describeInChromium } from "./chromium";
import { withPlayground } from "./playground";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describeInChromium("the look of the playground", (browser) => {
  it("changes to dark on request and remembers it", () =>
    withPlayground(browser(), { context: { colorScheme: "light" } }, async ({ page, connection }) => {
      const ground = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      const light = await ground();
      await page.getByTestId("theme-toggle").click();
      const dark = await ground();
      expect(dark).not.toBe(light);
      await page.reload();
      await connection("online");
      expect(await ground()).toBe(dark);
      const toggle = page.getByTestId("theme-toggle");
      expect(await toggle.getAttribute("aria-pressed")).toBe("true");
      await toggle.click();
      await page.reload();
      expect(await ground()).toBe(light);
    }));

  it("fits a phone without scrolling sideways, whatever is shown", () =>
    withPlayground(
      browser(),
      { stepMs: 150, context: PHONE, expected: [/status of 400 /] },
      async ({ page, cards, fieldError, generate }) => {
        const overflow = () =>
          page.evaluate<number>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
        const word = "Donaudampfschifffahrtsgesellschaft".repeat(4);
        expect(await overflow()).toBe(0);
        const card = await generate(`${word} on the river`);
        await cards("in_progress").waitFor();
        expect(await overflow()).toBe(0);
        await card.getByTestId("job-image").waitFor();
        expect(await overflow()).toBe(0);
        await page.getByTestId("gallery-open").click();
        await page.getByTestId("lightbox").waitFor();
        expect(await overflow()).toBe(0);
        await page.getByTestId("lightbox-close").click();
        await page.getByTestId("size-custom").check({ force: true });
        await page.getByRole("spinbutton", { name: "Width" }).fill("9999");
        await page.getByTestId("generate").click();
        await fieldError("size").waitFor();
        expect(await overflow()).toBe(0);
      },
    ));
});
