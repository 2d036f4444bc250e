import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import { isLike, LISTENING, USAGE, type Usage } from "./messages";

const STOP_MS = 10_000;
/** A connection breaks a little before the end of its process is known. */
const END_MS = 500;
/** Of what a process has written to standard error, for the reason of its end. */
const KEPT_CHARS = 4000;

/** A process of the bench, with the probe in it. It is asked one thing at a time. */
export class Child {
  readonly #process: ChildProcess;
  readonly #gone: Promise<never>;
  #stderr = "";
  #verdict: string | undefined;

  /** @param folder where it may lay its temporary files */
  constructor(script: string, args: readonly string[], folder: string) {
    this.#process = fork(script, args, {
      execArgv: ["--require", require.resolve("./probe")],
      env: { PATH: process.env["PATH"], NODE_ENV: "production", TMPDIR: folder },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-KEPT_CHARS);
    });
    this.#gone = once(this.#process, "exit").then(() => {
      throw new Error(this.#reason());
    });
    this.#gone.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The port that it listens on, as soon as it does. */
  async listening(): Promise<number> {
    const { port } = await this.#next(LISTENING);
    return port;
  }

  async begin(): Promise<void> {
    await this.ask("begin", {});
  }

  end(): Promise<Usage> {
    return this.ask("end", USAGE);
  }

  /** @param pattern what the answer is made like */
  ask<T>(question: string | object, pattern: T): Promise<T> {
    const answer = this.#next(pattern);
    // One that has ended tells by its end.
    this.#process.send(question, () => {});
    return answer;
  }

  /** Ends it at once. @param verdict what whoever waits for it is told */
  kill(verdict: string): void {
    this.#verdict = verdict;
    this.#process.kill("SIGKILL");
  }

  /** Why it has ended or is just about to, `undefined` when it lives. */
  async reasonOfEnd(): Promise<string | undefined> {
    const lives = pause(END_MS, undefined);
    return Promise.race([lives, this.#gone.catch(() => this.#reason())]);
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const patience = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(patience);
  }

  async #next<T>(pattern: T): Promise<T> {
    const heard = once(this.#process, "message").then(([message]: unknown[]) => message);
    const message = await Promise.race([heard, this.#gone]);
    if (isLike(pattern, message)) return message;
    throw new Error(`a process of the bench said ${JSON.stringify(message)}`);
  }

  #reason(): string {
    if (this.#verdict !== undefined) return this.#verdict;
    if (this.#stderr.includes("heap out of memory")) return "ran out of heap";
    const line = this.#stderr.trim().split("\n").at(-1) ?? "";
    return `ended by itself${line === "" ? "" : `: ${line.slice(0, 200)}`}`;
  }
}
