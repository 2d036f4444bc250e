import { describeInChromium } from "./chromium";
import { withPlayground } from "./playground";

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
});
