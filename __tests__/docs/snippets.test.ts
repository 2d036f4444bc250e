import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "../..");
const run = promisify(execFile);

/** Its files import each other, and have tests of their own. */
const ELSEWHERE = "writing-a-provider.md";

/** What snippets import and the tests do not install. */
const VENDORS = `
declare module "@ai-sdk/black-forest-labs" { export const createBlackForestLabs: (options: object) => any; }
declare module "@ai-sdk/openai-compatible" { export const createOpenAICompatible: (options: object) => any; }
`;

it("has every TypeScript snippet of the documentation compile as it stands, strictly", async () => {
  const folder = join(root, ".cache/snippets");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const pages = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));
  const snippets: { readonly name: string; readonly code: string }[] = [];
  for (const page of ["../README.md", ...pages.filter((name) => name !== ELSEWHERE)]) {
    const text = await readFile(join(root, "docs", page), "utf8");
    const found = [...text.matchAll(/^```ts\n(.*?)^```/gms)];
    const name = page.replace("../", "").replace(".md", "");
    snippets.push(...found.map(([, code = ""], at) => ({ name: `${name}-${at + 1}.mts`, code })));
  }
  expect(snippets.length).toBeGreaterThanOrEqual(25);
  await Promise.all(snippets.map(({ name, code }) => writeFile(join(folder, name), `${code}\nexport {};\n`)));
  await writeFile(join(folder, "vendors.d.ts"), VENDORS);
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: {
      rootDir: "../..",
      types: ["node"],
      paths: {
        "express-image-gateway": ["../../lib/index.ts"],
        "express-image-gateway/*": ["../../lib/*/index.ts"],
      },
    },
    include: ["*.mts", "*.d.ts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(root, "node_modules/.bin/tsc");
  const { stdout } = await run(compiler, ["-p", folder]).catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
}, 120_000);
