import { execFile } from "node:child_process";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import manifest from "../../package.json";
import { openWorkshop, type Workshop } from "./throwaway";

jest.setTimeout(90_000);

const COMPILERS = ["5.9", "6", "7"] as const;
type Compiler = (typeof COMPILERS)[number];

let workshop: Workshop;
let onExpress5: string;
let onExpress4: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  onExpress5 = await workshop.project("typescript");
  onExpress4 = await workshop.project("typescript-express4");
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");
  const all = entries.map(
    (entry, index) => `export * as e${index} from "${manifest.name}${entry.slice(1)}";\n`,
  );
  await writeFile(join(onExpress5, "src/entries.ts"), all.join(""));
  for (const part of ["src", "tsconfig.nodenext.json", "tsconfig.adapters.json"])
    await cp(join(onExpress5, part), join(onExpress4, part), { recursive: true });
});
afterAll(() => workshop?.remove());

/** What the compiler has to say of a project; nothing when all is well. */
function complaints(compiler: Compiler, project: string, config: string): Promise<string> {
  const tsc = join(onExpress5, `node_modules/typescript-${compiler}/bin/tsc`);
  const args = [tsc, "-p", `tsconfig.${config}.json`, "--pretty", "false"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: project, timeout: 60_000 }, (error, stdout) => {
      // It complains on stdout; a failure without a word there is one of its own.
      if (error !== null && stdout === "") reject(error);
      else resolve(stdout);
    });
  });
}

describe.each(COMPILERS)("TypeScript %s, strict and with library checks", (compiler) => {
  it("takes the package with moduleResolution nodenext, ES module and CommonJS sources", async () => {
    expect(await complaints(compiler, onExpress5, "nodenext")).toBe("");
  });

  it("takes the package with moduleResolution bundler", async () => {
    expect(await complaints(compiler, onExpress5, "bundler")).toBe("");
  });
});

describe("the types of Express", () => {
  const types = ["express", "express-serve-static-core"];

  it("may be those of Express 4", async () => {
    expect(await complaints("7", onExpress4, "nodenext")).toBe("");
  });

  it("may be of another version where the package lies than where the host does", async () => {
    const ours = join(onExpress5, "node_modules/express-image-gateway/node_modules/@types");
    for (const name of types)
      await cp(join(onExpress4, "node_modules/@types", name), join(ours, name), { recursive: true });
    expect(await complaints("7", onExpress5, "nodenext")).toBe("");
  });

  it("may be missing where only ports and adapters are used", async () => {
    for (const name of types) await rm(join(onExpress4, "node_modules/@types", name), { recursive: true });
    expect(await complaints("7", onExpress4, "nodenext")).toContain("declaration file for module 'express'");
    expect(await complaints("7", onExpress4, "adapters")).toBe("");
  });
});
