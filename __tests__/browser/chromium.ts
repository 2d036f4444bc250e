import { type Browser, chromium } from "playwright-core";

import { findChromium } from "./chromium-path";

/** More than the waits of any one test. */
const TEST_MS = 90_000;

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A group of tests with one browser among them. Where there is no Chromium its tests are reported as skipped; with CI set they fail.
 */
export function describeInChromium(title: string, tests: (browser: () => Browser) => void): void {
  const executablePath = findChromium();
  const isLeftOut = executablePath === undefined && !process.env["CI"];
  (isLeftOut ? describe.skip : describe)(title, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      if (executablePath === undefined) throw new Error("missing: Chromium, on PATH or named by CHROMIUM");
      browser = await chromium.launch({ executablePath, args: ARGS });
    });
    afterAll(() => browser?.close());
    jest.setTimeout(TEST_MS);
    tests(() => {
      if (browser === undefined) throw new Error("the browser is there only while tests run");
      return browser;
    });
  });
}
