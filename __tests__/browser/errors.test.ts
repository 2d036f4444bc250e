import { json, upstream } from "../support/upstream";
import { describeInChromium } from "./chromium";
import { withPlayground } from "./playground";

/** What Chromium itself writes for every answer that is an error. */
const answered = (status: number) => new RegExp(`the server responded with a status of ${status} `);

describeInChromium("errors on the playground", (browser) => {
  it("reach these tests when they are only on the console: scripts that fail, policies that are violated", () =>
    withPlayground(browser(), {}, async ({ page, complaints }) => {
      const thrown = page.waitForEvent("pageerror");
      await page.evaluate("setTimeout(() => { throw new Error('on purpose') })");
      await thrown;
      const refused = page.waitForEvent("console");
      await page.evaluate("new Image().src = 'http://elsewhere.invalid/picture.png'");
      await refused;
      expect(complaints.splice(0)).toEqual([
        "Error: on purpose",
        expect.stringContaining("Content Security Policy"),
      ]);
    }));

  it("says in words and by its code that a key has no capability", () =>
    withPlayground(
      browser(),
      { expected: [answered(403)] },
      async ({ page, connection, fieldError, generate }) => {
        await page.getByTestId("key").fill("aigw_sk_nocap");
        await connection("refused");
        const notice = page.getByTestId("connection-notice");
        await notice.getByText("may not make images").waitFor();
        await generate("a red cube");
        const error = fieldError("key");
        await error.getByText("This key may not make images.").waitFor();
        expect(await error.textContent()).toMatch(/403 · missing_capability · req_/);
        expect(await notice.isVisible()).toBe(false);
        expect(await page.getByTestId("error").count()).toBe(0);
        expect(await page.getByTestId("key").getAttribute("aria-invalid")).toBe("true");
        expect(await page.getByTestId("job-card").count()).toBe(0);

        await page.getByTestId("key").fill("aigw_sk_demo");
        await connection("online");
        expect(await error.count()).toBe(0);
      },
    ));

  it("says which size does not work, in the words of the server", () =>
    withPlayground(browser(), { expected: [answered(400)] }, async ({ page, fieldError, generate }) => {
      await page.getByTestId("size-custom").check({ force: true });
      await page.getByRole("spinbutton", { name: "Width" }).fill("4096");
      await generate("a red cube");
      const error = fieldError("size");
      await error.getByText("The size '4096x128' is not supported by this model").waitFor();
      expect(await error.textContent()).toMatch(/400 · invalid_size · req_/);
      expect(await page.getByTestId("error").count()).toBe(0);
      expect(await page.getByRole("spinbutton", { name: "Width" }).getAttribute("aria-invalid")).toBe("true");
      expect(await page.getByTestId("job-card").count()).toBe(0);
    }));

  it("no longer shows what was wrong with a size once another is chosen", () =>
    withPlayground(browser(), { expected: [answered(400)] }, async ({ page, fieldError, generate }) => {
      const wrongSize = fieldError("size");
      await page.getByRole("spinbutton", { name: "Width" }).fill("4096");
      await generate("a red cube");
      await wrongSize.waitFor();
      await page.getByTestId("size-1024x1024").check({ force: true });
      await wrongSize.waitFor({ state: "detached" });
    }));

  it("shows one mistake at a time", () =>
    withPlayground(browser(), { expected: [answered(400)] }, async ({ page, fieldError, generate }) => {
      const wrongSize = fieldError("size");
      await page.getByRole("spinbutton", { name: "Width" }).fill("4096");
      await generate("a red cube");
      await wrongSize.waitFor();
      await page.getByTestId("n").fill("11");
      await page.getByTestId("generate").click();
      await page.getByText("From 1 to 10.").waitFor();
      await wrongSize.waitFor({ state: "detached" });
    }));

  it("asks for a prompt without troubling the server", () =>
    withPlayground(browser(), {}, async ({ page, generate }) => {
      await generate("  ");
      await page.getByText("Write what the picture should show.").waitFor();
      expect(await page.getByTestId("prompt").evaluate((field) => field.matches(":focus"))).toBe(true);
    }));

  it("says on the card that the provider failed, and lets the request be sent again", async () => {
    const failing = await upstream(json(500, { error: { message: "out of memory" } }));
    const env = { OPENAI_BASE_URL: `${failing.url}/v1`, OPENAI_MODELS: "broken" };
    try {
      await withPlayground(
        browser(),
        { env, expected: [/the server responded with a status of 50\d /] },
        async ({ page, cards, generate }) => {
          await page.getByTestId("model").selectOption("broken");
          const card = await generate("a red cube");
          await cards("failed").waitFor();
          const error = card.getByTestId("job-error");
          expect(await error.getAttribute("data-code")).toBe("upstream_error");
          expect(await error.textContent()).toContain("The provider failed while making the picture.");
          expect(await card.getByTestId("job-reuse").isVisible()).toBe(true);
        },
      );
    } finally {
      await failing.close();
    }
  });
});
