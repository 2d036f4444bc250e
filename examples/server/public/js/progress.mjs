// @ts-check
import { ApiFailure } from "./api.mjs";
import { delayBefore } from "./backoff.mjs";

const ACK_MS = 5_000;
/** Refusals that another try with the same key cannot change. */
const FINAL = new Set(["invalid_api_key", "missing_capability"]);

/**
 * The socket: hears progress and previews of all jobs of the key and comes back by itself.
 *
 * Reconnecting is done here for every case, because socket.io-client does not retry after a disconnect by the server (a restart
 * ends that way) nor after a refusal; two clocks would get in each other's way.
 *
 * @param {{
 *   socketPath: string, namespace: string,
 *   onConnection: (connection: import("./state.mjs").Connection) => void,
 *   onProgress: (event: import("express-image-gateway").ProgressEvent) => void,
 *   onPreview: (meta: import("express-image-gateway").PreviewEvent, bytes: ArrayBuffer) => void,
 * }} options
 */
export function createProgress({ socketPath, namespace, onConnection, onProgress, onPreview }) {
  /** @type {any} */
  let socket;
  let token = "";
  let attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {"shutdown" | "token_expired" | "flood" | undefined} */
  let farewell;

  const retry = (/** @type {"shutdown" | "lost" | "flood"} */ reason) => {
    clearTimeout(timer);
    const delay = delayBefore(reason === "flood" ? attempt + 4 : attempt);
    attempt += 1;
    timer = setTimeout(open, delay);
    onConnection({
      status: navigator.onLine ? "waiting" : "offline",
      retryAt: Date.now() + delay,
      reason,
    });
  };

  const refused = (/** @type {any} */ error) => {
    const facts = error.data;
    if (!FINAL.has(facts?.code)) return retry(farewell === "shutdown" ? "shutdown" : "lost");
    const status = facts.code === "missing_capability" ? 403 : 401;
    onConnection({ status: "refused", failure: new ApiFailure({ ...facts, status }) });
  };

  const gone = (/** @type {string} */ reason) => {
    if (reason === "io client disconnect") return;
    if (farewell === "token_expired") return onConnection({ status: "expired" });
    retry(farewell ?? "lost");
  };

  const prepare = async () => {
    // Loaded when needed: without it pictures can still be made, only their progress is not seen.
    const { io } = await import(`${socketPath}/socket.io.esm.min.js`);
    socket = io(namespace, {
      path: socketPath,
      auth: (/** @type {(auth: object) => void} */ give) => give({ token }),
      autoConnect: false,
      reconnection: false,
      forceNew: true,
      // Waiting requests fill the few connections a browser opens for HTTP; a WebSocket needs none of them.
      transports: ["websocket", "polling"],
      tryAllTransports: true,
    });
    socket.on("connect", () => {
      attempt = 0;
      farewell = undefined;
      onConnection({ status: "online" });
    });
    socket.on("closing", (/** @type {any} */ { reason }) => {
      farewell = reason;
    });
    socket.on("disconnect", gone);
    socket.on("connect_error", refused);
    socket.on("progress", onProgress);
    socket.on("preview", onPreview);
  };

  async function open() {
    clearTimeout(timer);
    if (socket?.connected) return;
    if (attempt === 0) onConnection({ status: "connecting" });
    try {
      if (socket === undefined) await prepare();
      socket.connect();
    } catch {
      retry("lost");
    }
  }

  const openNow = () => {
    attempt = 0;
    void open();
  };

  addEventListener("online", openNow);
  addEventListener("offline", async () => {
    // A server on this very machine is within reach without any network.
    const isReachable = await fetch(location.href, { method: "HEAD", cache: "no-store" }).then(
      () => true,
      () => false,
    );
    if (isReachable) return;
    socket?.disconnect();
    retry("lost");
  });

  return {
    /** @param {string} key */
    connect(key) {
      token = key;
      farewell = undefined;
      socket?.disconnect();
      openNow();
    },
    openNow,
    isOnline: () => socket?.connected === true,
    /**
     * @param {string} id
     * @returns {Promise<any>} the job, `null` when unknown
     * @throws ApiFailure when refused or not acknowledged
     */
    async cancel(id) {
      const ack = await socket
        .timeout(ACK_MS)
        .emitWithAck("cancel", { id })
        .catch(() => ({ ok: false, error: { message: "There was no answer.", code: "network" } }));
      if (ack.ok) return ack.job;
      throw new ApiFailure({ status: 0, ...ack.error });
    },
  };
}
