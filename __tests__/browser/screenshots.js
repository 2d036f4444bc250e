"use strict";

/** Makes the pictures of the README from the built example: `npm run screenshots`. */
const { mkdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");
const sharp = require("sharp");
const { findChromium } = require("./chromium-path.js");

const root = join(__dirname, "../..");
const images = join(root, "docs/images");
const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** So many that the picture can be caught forming, at seventy-odd percent. */
const STEPS = 50;
const SEVENTIES = '[aria-valuenow^="7"]:not([aria-valuenow="7"])';

/** Subjects that the demo provider can draw. */
const BEFORE = [
  { prompt: "A sailing boat off a tropical island", size: "1536x1024" },
  { prompt: "A city skyline at night in neon colours", size: "1024x1024" },
  { prompt: "A black cat in front of a huge full moon", size: "1024x1536" },
  { prompt: "Desert dunes in golden evening light", size: "1536x1024" },
  { prompt: "A path through an autumn forest", size: "1024x1024" },
];
const JUST_NOW = {
  prompt: "A ringed planet before a violet nebula, fine stars, deep space",
  size: "1536x1024",
};
const NOW = { prompt: "A watercolor painting of a mountain lake at sunrise", size: "1536x1024" };

async function generate(page, { prompt, size }) {
  await page.getByTestId("prompt").fill(prompt);
  await page.getByTestId(`size-${size}`).check({ force: true });
  await page.getByTestId("generate").click();
  return page.getByTestId("job-card").filter({ hasText: prompt });
}

/** A finished gallery, and above it a job whose picture is forming. */
async function busyPage(browser, url, options) {
  const page = await browser.newPage(options);
  await page.goto(url);
  await page.locator("[data-testid=connection][data-state=online]").waitFor();
  for (const request of BEFORE) {
    const card = await generate(page, request);
    await card.getByTestId("job-image").waitFor();
  }
  await page.getByTestId("clear").click();
  const finished = await generate(page, JUST_NOW);
  await finished.getByTestId("job-image").waitFor();
  await page.route("**/images/generations", (route) =>
    route.continue({ postData: { ...route.request().postDataJSON(), steps: STEPS } }),
  );
  const card = await generate(page, NOW);
  await card.locator(SEVENTIES).waitFor();
  return page;
}

/** With a palette: a third of the size, and the eye sees no difference. */
async function save(page, name) {
  const shot = await page.screenshot({ scale: "css" });
  const file = await sharp(shot).png({ palette: true, quality: 100, effort: 10 }).toBuffer();
  writeFileSync(join(images, name), file);
  console.log(`${name}: ${Math.ceil(file.length / 1024)} KB`);
}

async function main() {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("missing: Chromium, on PATH or named by CHROMIUM");
  const { startServer } = require(join(root, "dist/examples/server/server.js"));
  const { readSettings } = require(join(root, "dist/examples/server/settings.js"));
  // The port that the README names, since the page shows it.
  const server = await startServer(readSettings({ PORT: "3000", DEMO_STEP_MS: "120" }), silent);
  const browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu"],
  });
  try {
    mkdirSync(images, { recursive: true });
    const desktop = { viewport: { width: 1280, height: 1440 }, colorScheme: "light" };
    await save(await busyPage(browser, server.url, desktop), "playground-light.png");
    const phone = {
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      isMobile: true,
      hasTouch: true,
    };
    await save(await busyPage(browser, server.url, phone), "playground-phone-dark.png");
  } finally {
    await browser.close();
    await server.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
