import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { startChild } from "../../stores/child";

/** What a process has said: which one, what, and of which job or request. */
export interface Call {
  readonly seat: number;
  readonly stage: string;
  readonly id: string;
}

/** What child processes call, and what kills them. Whoever dies is replaced at the same seat. */
export interface Upstream {
  /** How often each job was paid for. */
  readonly paid: ReadonlyMap<string, number>;
  /** @param args stand before the address of the upstream */
  hire(seat: number, file: string, ...args: readonly string[]): void;
  kill(seat: number): void;
  /** Its process does nothing for so long. */
  freeze(seat: number, ms: number): void;
  close(): Promise<void>;
}

/** @param hear gives what the caller is answered, before which it does not go on */
export async function startUpstream(
  hear: (call: Call) => string | undefined | Promise<string>,
): Promise<Upstream> {
  const paid = new Map<string, number>();
  const children = new Map<number, ChildProcess>();
  let isOver = false;

  const server = createServer(async (request, response) => {
    const [, seat = "", stage = "", id = ""] = request.url?.split("/") ?? [];
    if (stage === "paid") paid.set(id, (paid.get(id) ?? 0) + 1);
    response.end(await hear({ seat: Number(seat), stage, id }));
  }).listen(0, "127.0.0.1");
  // A process that was stopped finds its connections as they were.
  server.keepAliveTimeout = 60_000;
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;

  function hire(seat: number, file: string, ...args: readonly string[]): void {
    const script = `require("./__tests__/jobs/bullmq/${file}")`;
    const child = startChild(script, { args: [...args, `http://127.0.0.1:${port}/${seat}`] });
    child.stderr.on("data", (data) => process.stderr.write(data));
    child.once("exit", () => {
      if (!isOver) hire(seat, file, ...args);
    });
    children.set(seat, child);
  }

  return {
    paid,
    hire,
    kill: (seat) => void children.get(seat)?.kill("SIGKILL"),
    freeze(seat, ms) {
      const child = children.get(seat);
      child?.kill("SIGSTOP");
      setTimeout(() => child?.kill("SIGCONT"), ms).unref();
    },
    async close() {
      isOver = true;
      const living = [...children.values()].filter(
        ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
      );
      const gone = living.map((child) => once(child, "exit"));
      for (const child of living) child.kill("SIGKILL");
      await Promise.all(gone);
      server.closeAllConnections();
      server.close();
    },
  };
}
