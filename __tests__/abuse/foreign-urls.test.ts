import { createHook } from "node:async_hooks";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { inspect } from "node:util";

import { PROMPT } from "../support/host";
import { answer, type Upstream, upstream } from "../support/upstream";
import { foreignUrls } from "./foreign-urls";
import { PATIENCE } from "./runs";
import { type Answer, startTarget, type Target } from "./target";

/** Connections and look-ups that this process begins, whatever their port and whoever begins them. */
const begun = { connections: 0, lookups: 0 };
const hook = createHook({
  init(_id, type) {
    if (type === "TCPCONNECTWRAP") begun.connections += 1;
    if (type === "GETADDRINFOREQWRAP" || type === "QUERYWRAP") begun.lookups += 1;
  },
});

interface Listener {
  readonly server: Server;
  readonly port: number;
}

/** `undefined` where the machine does not have the address, as some have no IPv6. */
async function listen(host: string): Promise<Listener | undefined> {
  const server = createServer((socket) => {
    arrivals += 1;
    socket.destroy();
  });
  server.listen(0, host);
  try {
    await once(server, "listening");
  } catch {
    return undefined;
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}

let arrivals = 0;
let listeners: Listener[];
let target: Target;
let cdn: Upstream;
/** What the provider answers with. */
let url = "";
/** Where the host that the operator vouches for sends everybody. */
let redirect = "";

beforeAll(async () => {
  listeners = (await Promise.all(["127.0.0.1", "::1", "0.0.0.0"].map(listen))).filter(
    (each) => each !== undefined,
  );
  cdn = await upstream((request, response) => answer(302, "", { location: redirect })(request, response));
  target = await startTarget({
    script: () => ({ images: [{ data: { as: "url", url } }], meta: () => ({}) }),
    options: { imageHosts: [`127.0.0.1:${cdn.port}`] },
  });
  // From here on the client's one connection is open.
  await ask("url");
  hook.enable();
});
beforeEach(() => {
  arrivals = begun.connections = begun.lookups = 0;
});
afterAll(async () => {
  hook.disable();
  await target.close();
  await cdn.close();
  for (const { server } of listeners) server.close();
});

const ask = (format: string): Promise<Answer> =>
  target.send({
    method: "POST",
    path: "/v1/images/generations",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json" },
    body: JSON.stringify({ ...PROMPT, response_format: format }),
  });

/** What is wrong with how an address was dealt with. */
async function flaws(canary: string, format: string): Promise<string[]> {
  const { status, headers, body } = await ask(format);
  const shown = inspect([headers, body, target.host.log.splice(0)], { depth: 8, maxStringLength: null });
  return [
    ...(status === 502 && JSON.parse(body).error.code === "upstream_invalid_response"
      ? []
      : [`${status} ${body}`]),
    ...(headers["x-should-retry"] === "false" ? [] : ["worth a second, paid call"]),
    ...(shown.includes(canary) ? [`shown: ${shown}`] : []),
    ...(arrivals === 0 ? [] : ["it arrived"]),
  ];
}

it(
  "fetches none of the addresses that lead inside or nowhere, and shows them to nobody",
  async () => {
    const corpus = foreignUrls(listeners.map(({ port }) => port));
    expect(corpus.length).toBeGreaterThanOrEqual(300);
    const wrong: unknown[] = [];
    for (const each of corpus) {
      for (const format of ["url", "b64_json"]) {
        url = each.url;
        const found = await flaws(each.canary, format);
        if (found.length > 0 || begun.connections + begun.lookups > 0)
          wrong.push([each.url, format, found, { ...begun }]);
        begun.connections = begun.lookups = 0;
      }
    }
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  "follows no redirect there, not even from a host that the operator vouches for",
  async () => {
    const corpus = foreignUrls(listeners.map(({ port }) => port)).filter(
      (each, index) => index % 5 === 0 && /^[!-~]+$/.test(each.url),
    );
    expect(corpus.length).toBeGreaterThan(50);
    const wrong: unknown[] = [];
    for (const each of corpus) {
      redirect = each.url;
      url = `${cdn.url}/${each.canary}`;
      begun.connections = begun.lookups = 0;
      const found = await flaws(each.canary, "b64_json");
      // The one to the host that redirects.
      if (found.length > 0 || begun.connections !== 1 || begun.lookups > 0)
        wrong.push([each.url, found, { ...begun }]);
    }
    expect(wrong).toEqual([]);
    expect(cdn.requests).toHaveLength(corpus.length);
  },
  PATIENCE,
);

it("connects to no name that the machine's own table of hosts leads inside", async () => {
  url = "http://ip6-localhost/canary-url-name";
  expect(await flaws("canary-url-name", "b64_json")).toEqual([]);
  expect(begun).toEqual({ connections: 0, lookups: 1 });
});
