import type { ClientToServerEvents, ServerToClientEvents } from "express-image-gateway";
import { io, type Socket } from "socket.io-client";

export interface Heard {
  readonly status: string;
  readonly percentages: readonly number[];
  readonly previews: number;
  /** Of the finished picture. */
  readonly bytes: number;
}

const KEY = "aigw_sk_demo";

/**
 * Posts a job to one machine and listens on another; the picture comes from whichever the balancer chooses.
 *
 * @param submitTo and @param listenOn addresses of two web processes
 */
export async function postAndListen(submitTo: string, listenOn: string, prompt: string): Promise<Heard> {
  // Without sticky sessions only WebSocket works: long polling would meet another machine with each request.
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(`${listenOn}/image-progress`, {
    transports: ["websocket"],
    auth: { token: KEY },
    forceNew: true,
  });
  const percentages: number[] = [];
  let previews = 0;
  let jobId: string | undefined;
  const ended = new Promise<string>((resolve) => {
    socket.on("progress", (job) => {
      if (jobId !== undefined && job.id !== jobId) return;
      percentages.push(job.progress);
      if (["completed", "failed", "cancelled"].includes(job.status)) resolve(job.status);
    });
  });
  socket.on("preview", () => {
    previews += 1;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const accepted = await fetch(`${submitTo}/v1/images/generations`, {
      method: "POST",
      headers: { ...headers, prefer: "respond-async" },
      body: JSON.stringify({ model: "demo", prompt }),
    });
    if (accepted.status !== 202) throw new Error(`the job was answered ${accepted.status}`);
    const at = accepted.headers.get("location") ?? "";
    jobId = accepted.headers.get("x-image-job-id") ?? undefined;
    const status = await ended;
    const job = await (await fetch(at, { headers })).text();
    const link = /"url":"([^"]+)"/.exec(job)?.[1];
    if (link === undefined) throw new Error(`the job ended ${status}, without a picture`);
    const picture = await fetch(link);
    return { status, percentages, previews, bytes: (await picture.arrayBuffer()).byteLength };
  } finally {
    socket.disconnect();
  }
}
