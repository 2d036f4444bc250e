import { describeInChromium } from "./chromium";
import { SIDE, withPlayground } from "./playground";

const model = (id: string, ops?: readonly string[]) => ({
  id,
  object: "model",
  created: 0,
  owned_by: "demo",
  ops,
});

describeInChromium("the form of the playground", (browser) => {
  it("offers only models that can generate", () =>
    withPlayground(browser(), {}, async ({ page }) => {
      const data = [
        model("retouch", ["edit", "variation"]),
        model("demo", ["generate", "edit"]),
        model("old"),
      ];
      await page.route("**/v1/models", (route) => route.fulfill({ json: { object: "list", data } }));
      await page.reload();
      const select = page.getByTestId("model");
      await select.and(page.locator(":enabled")).waitFor();
      expect(await select.locator("option").allTextContents()).toEqual(["demo", "old"]);
      expect(await select.inputValue()).toBe("demo");
    }));

  it("stands after a reload as it stood before, the model too if it is still there", () =>
    withPlayground(browser(), {}, async ({ page }) => {
      const select = page.getByTestId("model");
      const reload = async () => {
        await page.reload();
        await select.and(page.locator(":enabled")).waitFor();
      };
      await page.getByTestId("prompt").fill("a heron in the reeds");
      await select.selectOption("dall-e-3");
      await page.getByLabel("Style").selectOption("natural");
      await page.getByTestId("n").fill("3");
      await reload();
      expect(await select.inputValue()).toBe("dall-e-3");
      expect(await page.getByTestId("prompt").inputValue()).toBe("a heron in the reeds");
      expect(await page.getByLabel("Style").inputValue()).toBe("natural");
      expect(await page.getByTestId("n").inputValue()).toBe("3");
      expect(await page.getByRole("spinbutton", { name: "Width" }).inputValue()).toBe(String(SIDE));

      const data = [model("first"), model("second")];
      await page.route("**/v1/models", (route) => route.fulfill({ json: { object: "list", data } }));
      await reload();
      expect(await select.inputValue()).toBe("first");
      expect(await page.getByTestId("prompt").inputValue()).toBe("a heron in the reeds");
    }));
});
