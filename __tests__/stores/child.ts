import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** Lets plain node load the sources, as Jest does. */
const LOADER = `
  const { readFileSync } = require("node:fs");
  const { transformSync } = require("@swc/core");
  const jsc = { parser: { syntax: "typescript" }, target: "es2022" };
  require.extensions[".ts"] = (module, filename) => {
    const { code } = transformSync(readFileSync(filename, "utf8"), { filename, jsc, module: { type: "commonjs" } });
    module._compile(code, filename);
  };
`;

/**
 * Starts `script` (CommonJS; `require` starts at the repository's root) in a process of its own.
 *
 * @param maxFileBlocks what `ulimit -f` gets: beyond it the system refuses to write
 */
export function startChild(
  script: string,
  { args = [], maxFileBlocks = "unlimited" }: { args?: string[]; maxFileBlocks?: string } = {},
): ChildProcessWithoutNullStreams {
  const shell = ["-c", `ulimit -f ${maxFileBlocks} && exec "$0" "$@"`];
  return spawn("sh", [...shell, process.execPath, "-e", LOADER + script, "--", ...args], { cwd: root });
}

/** Runs `script` to its end. */
export async function runChild(
  ...about: Parameters<typeof startChild>
): Promise<{ code: number; stdout: string }> {
  const child = startChild(...about);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const [code] = await once(child, "close");
  if (code === null) throw new Error(`the child was killed: ${stderr}`);
  return { code, stdout };
}
