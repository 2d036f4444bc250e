import { randomUUID } from "node:crypto";
import { numberMember, objectMember, textMember } from "../../../internal/json-shape";
import type { Timing } from "../timing";
import { type Frame, readFrame } from "./frames";
import { openSocket } from "./socket";
import type { WebSocketClass } from "./web-socket";

/** Who is told of one job's messages. */
export interface JobListener {
  /** A message of the job's own. */
  message(type: string, data: unknown): void;
  /** A picture of the job's own. */
  picture(frame: Frame): void;
  /** The socket came or went, or the server's queue changed: what was believed of the job may be old. */
  stirred(what: "opened" | "closed" | "queue"): void;
}

/** The one socket to one server. It is open while jobs are held, and comes back by itself when it is lost. */
export interface Link {
  /** Names us to the server: messages of a run go to the socket of this id alone. Random, as whoever knows it hears them. */
  readonly clientId: string;
  readonly isOpen: boolean;
  /** Keeps the socket open until the returned function is called. */
  hold(promptId: string, listener: JobListener): () => void;
  /** Resolves with whether it is open: as soon as it opens or fails to, at the latest after `ms`. */
  opened(ms: number, signal: AbortSignal): Promise<boolean>;
  /** Ends a socket that seems deaf and opens another; not twice within a short time. */
  renew(): void;
  close(): void;
}

export interface LinkOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPayload: number;
  readonly WebSocket: WebSocketClass;
  readonly timing: Timing;
}

export function createLink({ url, headers, maxPayload, WebSocket, timing }: LinkOptions): Link {
  const listeners = new Map<string, JobListener>();
  const waiting = new Set<() => void>();
  let clientId: string = randomUUID();
  let end: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isOpen = false;
  let isClosed = false;
  let openedAt = 0;
  /** Whose previews are those that carry no id. */
  let current: string | undefined;

  const stir = (what: "opened" | "closed" | "queue") => {
    for (const listener of [...listeners.values()]) listener.stirred(what);
  };

  const settleWaiting = () => {
    for (const settle of [...waiting]) settle();
  };

  function connect(): void {
    clearTimeout(timer);
    timer = undefined;
    if (end !== undefined || isClosed) return;
    const address = `${url.replace(/^http/, "ws")}/ws?clientId=${encodeURIComponent(clientId)}`;
    end = openSocket(
      WebSocket,
      { url: address, headers, maxPayload, handshakeMs: timing.answerMs, pingMs: timing.pingMs },
      { opened, closed, text, binary },
    );
  }

  function opened(): void {
    isOpen = true;
    openedAt = performance.now();
    settleWaiting();
    stir("opened");
  }

  function closed(): void {
    end = undefined;
    isOpen = false;
    current = undefined;
    settleWaiting();
    stir("closed");
    if (listeners.size > 0 && !isClosed && timer === undefined) {
      const most = Math.min(timing.reconnectCapMs, timing.reconnectMs * 2 ** failures++);
      timer = setTimeout(connect, most * (0.5 + Math.random() / 2));
    }
  }

  function text(message: unknown): void {
    failures = 0;
    const type = textMember(message, "type");
    const data = objectMember(message, "data");
    if (type === "status") {
      const depth = numberMember(objectMember(objectMember(data, "status"), "exec_info"), "queue_remaining");
      if (depth !== undefined) stir("queue");
      return;
    }
    const promptId = textMember(data, "prompt_id");
    if (type === undefined || promptId === undefined) return;
    const listener = listeners.get(promptId);
    // A run without a client id is told to everybody: its previews must not be taken for ours.
    if (type === "progress" || type === "executing") current = promptId;
    listener?.message(type, data);
  }

  function binary(message: Buffer): void {
    const frame = readFrame(message);
    const owner = frame?.promptId ?? current;
    if (frame !== undefined && owner !== undefined) listeners.get(owner)?.picture(frame);
  }

  return {
    get clientId() {
      return clientId;
    },
    get isOpen() {
      return isOpen;
    },
    hold(promptId, listener) {
      // While an old socket may linger on the server, its end would make a new one under the same id deaf. Runs are bound to
      // their id, so a new one is taken as soon as none is open.
      if (listeners.size === 0 && end === undefined) clientId = randomUUID();
      listeners.set(promptId, listener);
      connect();
      return () => {
        if (listeners.get(promptId) === listener) listeners.delete(promptId);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
      };
    },
    opened: (ms, signal) =>
      new Promise((resolve) => {
        const settle = () => {
          clearTimeout(limit);
          waiting.delete(settle);
          signal.removeEventListener("abort", settle);
          resolve(isOpen);
        };
        const limit = setTimeout(settle, ms);
        waiting.add(settle);
        signal.addEventListener("abort", settle, { once: true });
        if (isOpen || signal.aborted) settle();
      }),
    renew() {
      if (!isOpen || performance.now() - openedAt < timing.renewMs) return;
      end?.();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      end?.();
      settleWaiting();
    },
  };
}
