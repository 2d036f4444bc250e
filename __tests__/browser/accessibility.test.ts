import { json, upstream } from "../support/upstream";
import { graveFindings } from "./axe";
import { describeInChromium } from "./chromium";
import { withPlayground } from "./playground";

/** Still pictures: what fades in has the wrong contrast for a moment. */
const context = { reducedMotion: "reduce" } as const;

describeInChromium("the accessibility of the playground", (browser) => {
  it("has nothing grave when empty; and the check finds what is wrong", () =>
    withPlayground(browser(), { context }, async ({ page }) => {
      expect(await graveFindings(page)).toEqual([]);
      await page.evaluate("document.body.append(document.createElement('button'))");
      expect(await graveFindings(page)).toEqual([
        expect.stringContaining("light: button-name"),
        expect.stringContaining("dark: button-name"),
      ]);
    }));

  it("has nothing grave while a job runs and forms its picture", () =>
    withPlayground(
      browser(),
      { context, stepMs: 500, expected: [/status of 410 /] },
      async ({ page, cards, generate }) => {
        // So many that the picture is still forming when axe has seen it twice.
        await page.route("**/images/generations", (route) =>
          route.continue({ postData: { ...route.request().postDataJSON(), steps: 50 } }),
        );
        const card = await generate("a lighthouse at dusk");
        await card.getByTestId("job-preview").first().waitFor();
        expect(await graveFindings(page)).toEqual([]);
        expect(await cards("in_progress").count()).toBe(1);
        await card.getByTestId("job-cancel").click();
        await cards("cancelled").waitFor();
      },
    ));

  it("has nothing grave when a picture is finished, nor when it is opened", () =>
    withPlayground(browser(), { context }, async ({ page, generate }) => {
      const card = await generate("a lighthouse at dusk");
      await card.getByTestId("job-image").waitFor();
      expect(await graveFindings(page)).toEqual([]);
      await page.getByTestId("gallery-open").click();
      await page.getByTestId("lightbox-image").waitFor();
      expect(await graveFindings(page)).toEqual([]);
    }));

  it("has nothing grave when a job failed, a size is wrong, or a key may nothing", async () => {
    const failing = await upstream(json(500, { error: { message: "out of memory" } }));
    const env = { OPENAI_BASE_URL: `${failing.url}/v1`, OPENAI_MODELS: "broken" };
    try {
      await withPlayground(
        browser(),
        { context, env, expected: [/status of (400|403|50\d) /] },
        async ({ page, cards, connection, fieldError, generate }) => {
          await page.getByTestId("model").selectOption("broken");
          await generate("a red cube");
          await cards("failed").waitFor();
          await page.getByTestId("model").selectOption("demo");
          await page.getByRole("spinbutton", { name: "Width" }).fill("9999");
          await generate("a blue cube");
          await fieldError("size").waitFor();
          expect(await graveFindings(page)).toEqual([]);
          await page.getByTestId("key").fill("aigw_sk_nocap");
          await connection("refused");
          expect(await graveFindings(page)).toEqual([]);
        },
      );
    } finally {
      await failing.close();
    }
  });
});
