import { describeInChromium } from "./chromium";
import { withPlayground } from "./playground";

describeInChromium("the connection of the playground", (browser) => {
  it("comes back by itself when the server was restarted, and goes on working", () =>
    withPlayground(
      browser(),
      // Whatever the page asks for while the server is away is refused.
      { expected: [/ERR_CONNECTION_REFUSED/] },
      async ({ page, connection, generate, recorded, stop, startAgain }) => {
        const before = await generate("before the restart");
        await before.getByTestId("job-image").waitFor();
        const inGallery = page.getByTestId("gallery-open").getByAltText("before the restart");
        await inGallery.evaluate((image) => image.decode());
        await stop();
        await connection("waiting");
        const notice = page.getByTestId("connection-notice");
        await notice.getByText("The server closed the connection.").waitFor();
        await generate("while the server is away");
        await page.getByTestId("error").getByText("The server did not answer.").waitFor();
        expect(await notice.isVisible()).toBe(false);
        await startAgain();
        await connection("online");
        expect(await notice.isVisible()).toBe(false);
        const card = await generate("after the restart");
        await card.getByTestId("job-image").waitFor();
        expect((await recorded()).barValues.at(-1)).toBe(100);
        expect(await inGallery.isVisible()).toBe(true);
      },
    ));

  it("says when the browser is offline, keeps the prompt, and comes back", () =>
    withPlayground(
      browser(),
      { expected: [/ERR_INTERNET_DISCONNECTED/] },
      async ({ page, connection, generate }) => {
        await page.context().setOffline(true);
        await connection("offline");
        await page.getByTestId("connection-notice").getByText("You are offline.").waitFor();
        await generate("a kite over the dunes");
        const error = page.getByTestId("error");
        await error.waitFor();
        expect(await error.getAttribute("data-code")).toBe("network");
        expect(await page.getByTestId("prompt").inputValue()).toBe("a kite over the dunes");

        await page.context().setOffline(false);
        await connection("online");
        await error.getByRole("button", { name: "Try again" }).click();
        await page.getByTestId("job-image").waitFor();
        expect(await error.count()).toBe(0);
      },
    ));
});
