import { describeInChromium } from "./chromium";
import { SIDE, withPlayground } from "./playground";

/** Longer than any test: such a job runs until it is stopped. */
const FOREVER_MS = 60_000;

/** The answer to the request whose job was cancelled. */
const GONE = /status of 410 /;

const authorization = "Bearer aigw_sk_demo";

describeInChromium("generating on the playground", (browser) => {
  it("shows the bar rise, the picture form, and the picture", () =>
    withPlayground(browser(), { stepMs: 250 }, async ({ page, generate, recorded }) => {
      await page.getByTestId("jobs-empty").waitFor();
      const card = await generate("a lighthouse at dusk");
      const preview = await card.getByTestId("job-preview").first().elementHandle();
      expect(await preview?.evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
      await card.getByTestId("job-image").waitFor();

      expect(await card.getAttribute("data-status")).toBe("completed");
      expect(await card.getByTestId("job-image").evaluate((image) => image.naturalWidth)).toBe(SIDE);
      expect(await card.getByTestId("job-status").textContent()).toBe("Done");
      const { barValues } = await recorded();
      expect(new Set(barValues).size).toBeGreaterThan(3);
      expect(barValues).toEqual([...barValues].sort((one, other) => one - other));
      expect(barValues.at(-1)).toBe(100);
      expect(await page.getByTestId("jobs-empty").isVisible()).toBe(false);
    }));

  it("runs several jobs at once, more than a browser opens connections", () =>
    withPlayground(browser(), { stepMs: 100 }, async ({ page, cards, generate, recorded }) => {
      const prompts = Array.from({ length: 7 }, (_, place) => `scene number ${place + 1} of seven`);
      for (const prompt of prompts) await generate(prompt);
      await cards("completed")
        .nth(prompts.length - 1)
        .waitFor();

      expect((await recorded()).mostRunning).toBeGreaterThan(1);
      const all = page.getByTestId("job-card");
      const ids = await all.evaluateAll((each) => each.map(({ dataset }) => dataset["jobId"]));
      expect(new Set(ids).size).toBe(prompts.length);
      await all
        .getByTestId("job-image")
        .nth(prompts.length - 1)
        .waitFor();
      expect(await page.getByTestId("gallery-item").count()).toBe(prompts.length);
    }));

  it("cancels a running job, here and on the server", () =>
    withPlayground(
      browser(),
      { stepMs: FOREVER_MS, expected: [GONE] },
      async ({ page, url, cards, generate }) => {
        const card = await generate("a cathedral of ice");
        await cards("in_progress").waitFor();
        await card.getByTestId("job-cancel").click();
        await cards("cancelled").waitFor();

        const id = await card.getAttribute("data-job-id");
        const answer = await fetch(`${url}/v1/images/jobs/${id}`, { headers: { authorization } });
        expect(await answer.json()).toMatchObject({ status: "cancelled", images: [] });
        expect(await card.getByTestId("job-status").textContent()).toBe("Cancelled");
        expect(await page.getByTestId("gallery-empty").isVisible()).toBe(true);

        await page.getByTestId("prompt").fill("");
        await card.getByTestId("job-reuse").click();
        expect(await page.getByTestId("prompt").inputValue()).toBe("a cathedral of ice");
        await card.getByTestId("job-dismiss").click();
        await page.getByTestId("jobs-empty").waitFor();
      },
    ));

  it("finds a running job again after a reload, prompt and all", () =>
    withPlayground(browser(), { stepMs: FOREVER_MS }, async ({ page, cards, generate }) => {
      const card = await generate("a ship in a bottle");
      await cards("in_progress").waitFor();
      await page.reload();
      await cards("in_progress").and(card).waitFor();
      expect(await page.getByTestId("job-card").count()).toBe(1);
      await card.getByTestId("job-cancel").click();
      await cards("cancelled").and(card).waitFor();
    }));

  it("keeps the newest job first over a reload", () =>
    withPlayground(browser(), { stepMs: FOREVER_MS }, async ({ page, cards, generate }) => {
      for (const prompt of ["the first kite", "the second kite", "the third kite"]) await generate(prompt);
      await cards("in_progress").nth(2).waitFor();
      await page.reload();
      await cards("in_progress").nth(2).waitFor();
      const titles = await page.getByTestId("job-card").getByRole("heading").allTextContents();
      expect(titles).toEqual(["the third kite", "the second kite", "the first kite"]);
    }));

  it("shows what another client makes with this key, and nothing of other keys", () =>
    withPlayground(browser(), { stepMs: 30 }, async ({ page, url, cards, generate }) => {
      const post = (key: string, prompt: string) =>
        fetch(`${url}/v1/images/generations`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "dall-e-3", prompt, size: "512x512" }),
        });
      expect((await post("aigw_sk_other", "not for this page")).status).toBe(200);
      expect((await post("aigw_sk_demo", "from a terminal")).status).toBe(200);
      const foreign = page.getByTestId("job-card").filter({ hasText: "another client" });
      await foreign.getByTestId("job-image").waitFor();
      await generate("from this page");
      await cards("completed").nth(1).waitFor();
      expect(await page.getByTestId("job-card").count()).toBe(2);
    }));
});
