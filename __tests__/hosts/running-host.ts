import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** A host as a process of its own, which is told to end by closing its input. */
export interface RunningHost {
  readonly url: string;
  /** Lets the host end and waits until it has. @throws Error when it is still there after 10 s */
  end(): Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** For the case that a test has failed. */
  kill(): void;
}

const END_MS = 10_000;

/** Starts it and waits for its first line, which is its address. `temporary`: where it finds its `os.tmpdir()`. */
export async function runHost(project: string, script: string, temporary: string): Promise<RunningHost> {
  const child = spawn(process.execPath, [script], {
    cwd: project,
    env: { PATH: process.env["PATH"], TMPDIR: temporary },
  });
  const stderr = text(child.stderr);
  const closed = once(child, "close");
  const url = await firstLine(child);
  if (url === undefined) throw new Error(`the host did not start:\n${await stderr}`);
  return {
    url,
    async end() {
      const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
      child.stdin.end();
      const [code, signal] = await closed;
      clearTimeout(late);
      if (signal === "SIGKILL") throw new Error(`the host did not end by itself:\n${await stderr}`);
      return { code, stderr: await stderr };
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

async function firstLine({ stdout }: ChildProcessWithoutNullStreams): Promise<string | undefined> {
  // Stays open and reads on, so that the process never waits for us.
  const lines = createInterface({ input: stdout });
  const [line] = await Promise.race([once(lines, "line"), once(lines, "close")]);
  return line;
}
