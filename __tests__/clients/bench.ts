import { execFile } from "node:child_process";
import { EventEmitter, on } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";

import { type ImageOut, type ImageTask, ProviderError, type RunContext } from "express-image-gateway";

import { startHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider, untilAborted } from "../support/scripted-provider";

const cache = join(__dirname, "../../.cache");
/** A link to the folder of the scripts, beside the packages that they import. */
const scripts = join(cache, "clients/scripts");
/** Without these Node looks for packages from where the link leads to. */
const NODE = [process.execPath, "--preserve-symlinks", "--preserve-symlinks-main"] as const;
/** No compiled copies among the sources. */
const PYTHON = [join(cache, "venv/bin/python"), "-B"] as const;

/** What a provider that refuses for a while asks for; longer than any client waits by itself before its first retry. */
export const RETRY_AFTER_MS = 3000;

/** One call of the provider, as it saw it. */
export interface Call {
  readonly prompt: string;
  /** Milliseconds. */
  readonly at: number;
  /** The gateway took it back. */
  stopped: boolean;
}

/** What a client made of the gateway, and what reached the provider. Prompts name the cases. */
export interface Run {
  readonly seen: Readonly<Record<string, unknown>>;
  /** The pictures that a case told of, as base64, sorted. */
  picturesOf(name: string): readonly unknown[];
  callsFor(prompt: string): readonly Call[];
  /** What was drawn for a prompt, as base64, sorted. */
  drawnFor(prompt: string): readonly string[];
}

const fails =
  (...reason: ConstructorParameters<typeof ProviderError>): Script =>
  () => {
    throw new ProviderError(...reason);
  };

/** What the provider does is the model's name. */
function scriptsOf(drawn: Map<string, string[]>): Record<string, Script> {
  let seed = 0;
  const draws: Script = async (task) => {
    const images: ImageOut[] = [];
    const texts = drawn.get(promptOf(task)) ?? [];
    drawn.set(promptOf(task), texts);
    for (let index = 0; index < task.n; index++) {
      const bytes = await picture({ seed: seed++ });
      texts.push(bytes.toString("base64"));
      images.push(bytesOut(bytes));
    }
    return { images, meta: () => ({}) };
  };
  return {
    draws,
    // GPT image models answer in base64 by themselves.
    "gpt-image-2": draws,
    limited: fails("rate_limit", "Too fast.", { started: "no", retryAfterMs: RETRY_AFTER_MS }),
    fails: fails("unavailable", "It broke.", { started: "yes", status: 500 }),
    refuses: fails("content_policy", "Not that.", { started: "no" }),
    hangs: untilAborted,
  };
}

const promptOf = (task: ImageTask): string => (task.op === "variation" ? "" : task.prompt);

/**
 * Runs one client against a gateway of its own, all its cases at once, and waits for its end. A `.py` file runs with the Python
 * clients. Its arguments are the gateway's address, then `more`.
 */
export async function runClient(script: string, ...more: string[]): Promise<Run> {
  const calls: Call[] = [];
  const drawn = new Map<string, string[]>();
  const news = new EventEmitter();
  const scripted = scriptsOf(drawn);

  const work = (task: ImageTask, context: RunContext) => {
    const call: Call = { prompt: promptOf(task), at: performance.now(), stopped: false };
    calls.push(call);
    context.signal.addEventListener("abort", () => {
      call.stopped = true;
      news.emit("news");
    });
    news.emit("news");
    return (scripted[task.model] ?? scripted["draws"] ?? untilAborted)(task, context);
  };
  const isSo = ({ what, prompt, times }: { what: string; prompt: string; times: string }) =>
    calls.filter((call) => call.prompt === prompt && (what === "called" || call.stopped)).length >=
    Number(times);

  const host = await startHost({
    options: { disconnectGraceMs: 0, limits: { runningPerPrincipal: 64 } },
    providers: [
      {
        ...scriptedProvider(work),
        models: () =>
          Object.keys(scripted).map((id) => ({ id, cancel: { queued: "yes", running: "yes" } as const })),
      },
    ],
    before(app) {
      // A client waits here until calls with a prompt have reached the provider, or were taken back.
      app.get("/until/:what/:prompt/:times", async (req, res) => {
        const changes = on(news, "news");
        while (!isSo(req.params)) await changes.next();
        await changes.return?.();
        res.end();
      });
    },
  });
  try {
    const seen = await outputOf(script, [host.url, ...more]);
    return {
      seen,
      picturesOf: (name) => picturesIn(seen[name]),
      callsFor: (prompt) => calls.filter((call) => call.prompt === prompt),
      drawnFor: (prompt) => [...(drawn.get(prompt) ?? [])].sort(),
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

async function outputOf(script: string, args: string[]): Promise<Record<string, unknown>> {
  const [program, ...before] = script.endsWith(".py") ? PYTHON : NODE;
  const { stdout } = await promisify(execFile)(program, [...before, join(scripts, script), ...args], {
    timeout: 45_000,
  });
  return JSON.parse(stdout);
}
