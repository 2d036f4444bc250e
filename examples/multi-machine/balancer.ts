import { connect, createServer, type Server } from "node:net";

/**
 * Hands each connection to the next of the addresses, and to the one after it when that one does not answer: what a load balancer does, in as few
 * lines as it takes.
 *
 * @param addresses `host:port`; more may come later
 */
export function startBalancer(addresses: readonly string[], port: number): Promise<Server> {
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const tryNext = (left: number) => {
      const address = addresses[turn++ % addresses.length];
      if (left === 0 || address === undefined) {
        client.destroy();
        return;
      }
      const [host, to] = address.split(":");
      const upstream = connect({ host, port: Number(to), allowHalfOpen: true });
      let isConnected = false;
      upstream.once("connect", () => {
        isConnected = true;
        client.pipe(upstream).pipe(client);
      });
      upstream.on("error", () => (isConnected ? client.destroy() : tryNext(left - 1)));
      upstream.once("close", () => {
        if (isConnected) client.destroy();
      });
      client.on("error", () => upstream.destroy());
      client.once("close", () => upstream.destroy());
    };
    tryNext(addresses.length);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
