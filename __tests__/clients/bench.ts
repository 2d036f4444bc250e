import { execFile } from "node:child_process";
import { EventEmitter, on } from "node:events";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { type ImageOut, type ImageTask, ProviderError, type RunContext } from "express-image-gateway";

import { startHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider, untilAborted } from "../support/scripted-provider";

const scripts = join(__dirname, "../contract/clients");
const cache = join(__dirname, "../../.cache");

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
  readonly url: string;
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
  const isSo = (what: string, prompt: string) =>
    calls.some((call) => call.prompt === prompt && (what === "called" || call.stopped));

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
      // A client waits here until a prompt has reached the provider, or was taken back.
      app.get("/until/:what/:prompt", async (req, res) => {
        const changes = on(news, "news");
        while (!isSo(req.params.what, req.params.prompt)) await changes.next();
        await changes.return?.();
        res.end();
      });
    },
  });
  try {
    const seen = await outputOf(script, [host.url, ...more]);
    return {
      seen,
      url: host.url,
      callsFor: (prompt) => calls.filter((call) => call.prompt === prompt),
      drawnFor: (prompt) => [...(drawn.get(prompt) ?? [])].sort(),
    };
  } finally {
    await host.close();
  }
}

async function outputOf(script: string, args: string[]): Promise<Record<string, unknown>> {
  const [program, file] = script.endsWith(".py")
    ? [join(cache, "venv/bin/python"), join(scripts, script)]
    : [process.execPath, join(cache, "clients/scripts", script)];
  const { stdout } = await promisify(execFile)(program, [file, ...args], { timeout: 45_000 });
  return JSON.parse(stdout);
}

/** Modules find packages from where they lie: the Node clients' scripts are laid beside them. */
export const layScripts = (): Promise<void> =>
  cp(scripts, join(cache, "clients/scripts"), {
    recursive: true,
    filter: (source) => source === scripts || source.endsWith(".mjs"),
  });
