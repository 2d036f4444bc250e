import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

import { startExample } from "../support/example";

/** Pixels of both sides of the pictures here: what they show is not looked at, and small ones are drawn quickly. */
export const SIDE = 128;

/** Chromium draws in software here, beside everything else the machine does. */
const PATIENCE_MS = 30_000;

/** Kept by the page itself, so that no value between two looks is missed. */
const RECORD = `
  window.barValues = [];
  window.mostRunning = 0;
  new MutationObserver((changes) => {
    for (const { target, attributeName } of changes) {
      if (attributeName === "aria-valuenow") window.barValues.push(Number(target.ariaValueNow));
    }
    const running = document.querySelectorAll("[data-testid=job-card][data-status=in_progress]").length;
    window.mostRunning = Math.max(window.mostRunning, running);
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["aria-valuenow", "data-status"] });
`;

export interface Setup {
  /** Time of one of the demo provider's eight steps. */
  readonly stepMs?: number;
  readonly env?: Record<string, string>;
  readonly context?: BrowserContextOptions;
  /** What the console may say here; anything else fails the test. */
  readonly expected?: readonly RegExp[];
}

export interface Recorded {
  /** Every value that a bar has been at. */
  readonly barValues: readonly number[];
  /** How many jobs ran at once at most. */
  readonly mostRunning: number;
}

export interface Playground {
  readonly page: Page;
  readonly url: string;
  /** Errors and warnings of the console, violated policies among them, so far. */
  readonly complaints: string[];
  /** Fills in the prompt and generates; the card of the new job. */
  generate(prompt: string): Promise<Locator>;
  recorded(): Promise<Recorded>;
  /** The cards whose job is in that state. */
  cards(status: string): Locator;
  /** What is said to be wrong with that field of the request. */
  fieldError(field: string): Locator;
  /** Resolves when the badge shows that state. */
  connection(state: string): Promise<void>;
  /** Ends the server; `startAgain` brings a new one up at the same address. */
  stop(): Promise<void>;
  startAgain(): Promise<void>;
}

/** The example server with its page open, small pictures chosen; in the end both are gone and nothing unexpected was on the console. */
export async function withPlayground(
  browser: Browser,
  { stepMs = 1, env = {}, context: contextOptions, expected = [] }: Setup,
  test: (playground: Playground) => Promise<void>,
): Promise<void> {
  const complaints: string[] = [];
  const settings = { DEMO_STEP_MS: String(stepMs), ...env };
  let server = await startExample(settings);
  const { url } = server;
  const stop = () => server.close();
  const startAgain = async () => {
    server = await startExample({ ...settings, PORT: new URL(url).port });
  };
  try {
    await withPage(browser, contextOptions, async (page) => {
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      const playground = { ...playgroundOn(page), url, complaints, stop, startAgain };
      await page.goto(url);
      await playground.connection("online");
      await chooseSmallPictures(page);
      await test(playground);
    });
    expect(complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([]);
  } finally {
    await server.close();
  }
}

async function withPage(
  browser: Browser,
  options: BrowserContextOptions | undefined,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.addInitScript({ content: RECORD });
    await use(page);
  } finally {
    await context.close();
  }
}

const playgroundOn = (page: Page) => ({
  page,
  cards: (status: string) => page.locator(`[data-testid=job-card][data-status=${status}]`),
  fieldError: (field: string) => page.locator(`[data-field=${field}] .field-error:not(:empty)`),
  connection: (state: string) => page.locator(`[data-testid=connection][data-state=${state}]`).waitFor(),
  recorded: () => page.evaluate<Recorded>("({ barValues, mostRunning })"),
  async generate(prompt: string) {
    await page.getByTestId("prompt").fill(prompt);
    await page.getByTestId("generate").click();
    return page.getByTestId("job-card").filter({ hasText: prompt });
  },
});

async function chooseSmallPictures(page: Page): Promise<void> {
  await page.locator("[data-testid=model]:enabled").waitFor();
  await page.getByTestId("size-custom").check({ force: true });
  for (const name of ["Width", "Height"]) await page.getByRole("spinbutton", { name }).fill(String(SIDE));
}
