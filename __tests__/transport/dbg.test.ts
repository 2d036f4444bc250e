import { createHttpClient } from "../../lib/transport/http-client";
import { raw, upstream } from "../support/upstream";
it("a", async () => {
  const server = await upstream(raw(`HTTP/1.1 200 OK\r\n${"X-Long: 1234567890\r\n".repeat(1000)}`, "stay"));
  const c = createHttpClient({ firstByteMs: 1000 });
  const e = await c.request({ method: "GET", url: server.url, signal: new AbortController().signal, maxBytes: 10 }).catch((e) => e);
  console.log(e);
  await Promise.race([server.requests[0]?.gone.then(() => console.log("gone")), new Promise((r) => setTimeout(r, 1000))]);
  await server.close(); c.close();
});
