import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import sharp from "sharp";

import { describeInChromium } from "./chromium";
import { type Playground, SIDE, withPlayground } from "./playground";

const run = promisify(execFile);
/** Where the packages that the snippets import are found. */
const root = join(__dirname, "../..");
const python = join(root, ".cache/venv/bin/python");

const clipboard = { context: { permissions: ["clipboard-read", "clipboard-write"] } };

async function copied({ page }: Playground, language: string): Promise<string> {
  await page.getByTestId(`snippet-tab-${language}`).click();
  await page.getByTestId("snippet-copy").click();
  await page.getByTestId("snippet-copy").getByText("Copied").waitFor();
  const text = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(text).toBe(await page.getByTestId("snippet-code").textContent());
  return text;
}

async function widthOf(link: string): Promise<number | undefined> {
  const answer = await fetch(link);
  expect(answer.status).toBe(200);
  return (await sharp(await answer.arrayBuffer()).metadata()).width;
}

describeInChromium("the code that the playground shows", (browser) => {
  it("works in a shell as it was copied, quotes and line breaks of the prompt included", () =>
    withPlayground(browser(), clipboard, async (playground) => {
      const { page } = playground;
      await page.getByTestId("prompt").fill(`the sailor's "last" $HOME\nby night`);
      const { stdout } = await run("sh", ["-c", `${await copied(playground, "curl")} --silent --show-error`]);
      const { data } = JSON.parse(stdout);
      expect(await widthOf(data[0].url)).toBe(SIDE);
      await page.getByTestId("job-card").getByTestId("job-image").waitFor();
    }));

  it("works in Node and Python with the OpenAI SDKs", () =>
    withPlayground(browser(), clipboard, async (playground) => {
      await playground.page.getByTestId("prompt").fill(`a "quoted" fish`);
      const node = await copied(playground, "node");
      const fromPython = await copied(playground, "python");
      const outputs = await Promise.all([
        run(process.execPath, ["--input-type=module", "--eval", node], { cwd: root }),
        run(python, ["-c", fromPython]),
      ]);
      for (const { stdout } of outputs) expect(await widthOf(stdout.trim())).toBe(SIDE);
    }));

  it("watches the progress that the page causes", () =>
    withPlayground(browser(), clipboard, async (playground) => {
      const watch = await copied(playground, "watch");
      // Told apart from the snippet's own output, and only heard once the snippet listens.
      const child = spawn(
        process.execPath,
        ["--input-type=module", "--eval", `${watch}\nsocket.on("connect", () => console.log("connected"));`],
        {
          cwd: root,
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      try {
        const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
        expect(await lines.next()).toEqual({ value: "connected", done: false });
        const card = await playground.generate("a whale in the clouds");
        await card.getByTestId("job-image").waitFor();
        const id = await card.getAttribute("data-job-id");
        let line = "";
        while (!line.startsWith(`${id} completed 100`)) {
          const { value, done } = await lines.next();
          if (done) throw new Error("the snippet ended before the job did");
          line = value;
        }
      } finally {
        child.kill();
        await once(child, "exit");
      }
    }));
});
