import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

const root = join(__dirname, "../..");
const MAX_MS = 60_000;

export interface Tarball {
  readonly file: string;
  /** Inside the package. */
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/** Runs npm in a folder, without a word to anyone but the registry. */
export async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--ignore-scripts"];
  const { stdout } = await exec("npm", [...args, ...quiet], { cwd, timeout: MAX_MS });
  return stdout;
}

/** What `npm publish` would send of the present build. */
export async function packTo(folder: string): Promise<Tarball> {
  refuseOldBuild();
  const [packed] = JSON.parse(await npm(root, "pack", "--json", "--pack-destination", folder));
  const { filename, files, size: bytes, unpackedSize: unpackedBytes } = packed;
  const paths = files.map(({ path }: { path: string }) => path);
  return { file: join(folder, filename), paths, bytes, unpackedBytes };
}

function refuseOldBuild(): void {
  const built = join(root, "dist/lib/index.js");
  const sources = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" });
  const newest = Math.max(...sources.map((path) => statSync(join(root, "lib", path)).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  throw new Error("dist is missing or older than lib: run `npm run build` first");
}
