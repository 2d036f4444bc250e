/**
 * Measures the gateway beside a bare pipe, a hand-written route and Portkey's gateway, on this machine.
 *
 *   npm run bench -- [--shapes=S,L] [--contestants=pipe,ours] [--rounds=5] [--quick] [--report=FILE]
 *
 * What is measured and how stands in docs/performance.md, which a run of everything writes anew. The exit code is 0 unless
 * something broke: what is slow is not broken.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isWhole, type Options, readOptions } from "./options";
import { performanceReport } from "./report/performance";
import { startRig } from "./rig";
import { runRounds } from "./rounds";
import { findingsOf } from "./summary";
import { installThirdParty, PACKAGE } from "./third-party";

const tell = (line: string) => void process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const rig = await startRig(needsThirdParty(options) ? installThirdParty() : "");
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void rig.close().finally(() => process.exit(1)));
  }
  try {
    const report = performanceReport(findingsOf(await runRounds(rig, options, tell)), options);
    process.stdout.write(report);
    const file = options.report ?? (isWhole(options) ? join(PACKAGE, "docs/performance.md") : undefined);
    if (file !== undefined) await writeFile(file, report);
  } finally {
    await rig.close();
  }
}

const needsThirdParty = ({ contestants, shapes }: Options): boolean =>
  contestants.includes("portkey") || (contestants.includes("hand-written") && shapes.includes("E"));

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
