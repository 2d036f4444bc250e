import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";

import { median } from "../median";
import { commandOf, type Options } from "../options";
import type { Findings } from "../summary";
import { INSTALLED, PACKAGE } from "../third-party";
import { table } from "./markdown";

const OWN = ["express", "axios", "ajv", "undici", "socket.io"];
const OTHERS = ["@portkey-ai/gateway", "multer"];

/** What was measured, when and where. */
export function runFacts(findings: Findings, options: Options): string {
  const [processor] = cpus();
  const { disturbances } = findings;
  return table(
    ["", ""],
    [
      ["command", `\`${commandOf(options)}\``],
      ["date", new Date().toISOString().slice(0, 10)],
      ["rounds", String(options.rounds)],
      ["processor", `${processor?.model.trim() ?? "unknown"}, ${cpus().length} cores`],
      ["memory", `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
      ["system", `${type()} ${release().split(".", 2).join(".")}, Node.js ${process.version}`],
      ["packages", packages().join(", ")],
      [
        "load average at the end",
        loadavg()
          .map((load) => load.toFixed(1))
          .join(", "),
      ],
      [
        "taken by other processes meanwhile",
        `${percent(median(disturbances))} of the processors (median), ${percent(Math.max(0, ...disturbances))} at most`,
      ],
    ],
    "text",
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

function packages(): string[] {
  const own = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  return [
    `express-image-gateway ${own.version}`,
    ...OWN.flatMap((name) => versionOf(PACKAGE, name)),
    ...OTHERS.flatMap((name) => versionOf(INSTALLED, name)),
  ];
}

function versionOf(folder: string, name: string): string[] {
  try {
    const manifest = readFileSync(join(folder, "node_modules", name, "package.json"), "utf8");
    return [`${name} ${JSON.parse(manifest).version}`];
  } catch {
    return [];
  }
}
