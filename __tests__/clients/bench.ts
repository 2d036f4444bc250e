import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { startHost } from "../support/host";
import { type ActingProvider, actingProvider } from "./acting-provider";

const cache = join(__dirname, "../../.cache");
/** A link to the folder of the scripts, beside the packages that they import. */
const scripts = join(cache, "clients/scripts");
/** Without these Node looks for packages from where the link leads to. */
const NODE = [process.execPath, "--preserve-symlinks", "--preserve-symlinks-main"] as const;
/** No compiled copies among the sources. */
const PYTHON = [join(cache, "venv/bin/python"), "-B"] as const;

/** What a client made of the gateway, and what reached the provider. Prompts name the cases. */
export interface Run extends Pick<ActingProvider, "callsFor" | "drawnFor" | "givenFor"> {
  /** What each case gave, or what the client threw. */
  readonly seen: Readonly<Record<string, unknown>>;
  /** The pictures that a case told of, as base64, sorted. */
  picturesOf(name: string): readonly unknown[];
  /** Milliseconds between the provider's calls for a prompt. */
  gapsFor(prompt: string): readonly number[];
}

/** What the scripts of the clients give to be worked on, as base64. */
export const CAT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const DOG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

export const REQUEST_ID = /^req_[0-9a-f]{32}$/;

/**
 * Runs one client against a gateway of its own, and waits for its end. A `.py` file runs with the Python clients. Its arguments
 * are the gateway's address, then `more`.
 */
export async function runClient(script: string, ...more: string[]): Promise<Run> {
  const provider = actingProvider();
  const host = await startHost({
    options: { disconnectGraceMs: 0, limits: { runningPerPrincipal: 64 } },
    providers: [provider],
    before(app) {
      // Clients wait here for the moment to do something.
      app.get("/until/:what/:prompt/:times", async (req, res) => {
        await provider.until(req.params.what, req.params.prompt, Number(req.params.times));
        res.end();
      });
    },
  });
  // Longer than any client rests: one that sends into a connection that is just being closed fails for no reason of ours.
  Object.assign(host.io.httpServer, { keepAliveTimeout: 60_000 });
  try {
    const seen = await outputOf(script, [host.url, ...more]);
    return {
      seen,
      callsFor: provider.callsFor,
      drawnFor: provider.drawnFor,
      givenFor: provider.givenFor,
      picturesOf: (name) => picturesIn(seen[name]),
      gapsFor(prompt) {
        const times = provider.callsFor(prompt).map(({ at }) => at);
        return times.slice(1).map((at, index) => at - (times[index] ?? at));
      },
    };
  } finally {
    await host.close();
  }
}

function picturesIn(told: unknown): unknown[] {
  if (typeof told === "object" && told !== null && "pictures" in told && Array.isArray(told.pictures)) {
    return [...told.pictures].sort();
  }
  throw new Error(`no pictures: ${JSON.stringify(told)}`);
}

export async function outputOf(script: string, args: string[]): Promise<Record<string, unknown>> {
  const [program, ...flags] = script.endsWith(".py") ? PYTHON : NODE;
  const { stdout } = await promisify(execFile)(program, [...flags, join(scripts, script), ...args], {
    timeout: 45_000,
  });
  return JSON.parse(stdout);
}
