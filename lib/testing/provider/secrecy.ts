import { deepEqual, ok } from "node:assert/strict";
import { inPieces } from "../../internal/in-pieces";

import type { HttpRequest, HttpResponse } from "../../ports";
import { ProviderError } from "../../ports";
import type { Bench, Declare } from "./bench";
import { credentialsIn, originOf } from "./credentials";
import type { Delivery } from "./delivery";
import { madeUp } from "./wire";

const INSIDE = "10.11.12.13:8188";
const FILE = "/srv/models/checkpoints/v1.safetensors";
const STRANGER = "a portrait of Ingeborg Quastenflosser";
const ELSEWHERE = "https://elsewhere.invalid";

/** How upstreams wrap what they say of a failure. */
const WRAPPINGS: readonly ((said: string) => string)[] = [
  (said) => JSON.stringify({ error: { message: said, type: "error", param: said, code: said } }),
  (said) => JSON.stringify({ error: said }),
  (said) => JSON.stringify({ detail: [{ loc: ["body", said], msg: said, type: said }] }),
  (said) => JSON.stringify({ detail: said, message: said }),
  (said) => said,
];

/** Rules 7 and 8: what does not get out, and where credentials do not go. */
export function testSecrecy({ always, withUpstream }: Declare): void {
  withUpstream("7. no message names a key or an address", async (bench, upstream) => {
    for (const fail of Object.values(upstream.failures)) {
      fail();
      const said = wordsOf(await bench.failure(bench.start()));
      holdsNone(said, [...(upstream.secrets ?? []), ...secretsOf(bench)]);
    }
  });

  always("7. no message repeats what an upstream lets slip", async (bench) => {
    for (const status of [400, 401, 404, 500]) {
      for (const wrapped of WRAPPINGS) {
        bench.wire.meddle = async (request) => madeUp(status, wrapped(indiscretion(request)), JSON_TYPE);
        const before = bench.wire.exchanges.length;
        const call = bench.start();
        const error = await bench.soon(
          "the end of a call",
          call.outcome.catch((reason: unknown) => reason),
        );
        // Who has asked nobody has nothing to repeat.
        if (bench.wire.exchanges.length === before) return;
        holdsNone(wordsOf(error), [...secretsOf(bench), INSIDE, "10.11.12.13", FILE]);
      }
    }
  });

  always("7. no message repeats the prompt of another call", async (bench) => {
    await bench.deliver({ fields: { prompt: STRANGER } });
    bench.wire.meddle = async () => madeUp(400, JSON.stringify({ error: { message: "no" } }), JSON_TYPE);
    const { outcome } = bench.start();
    const said = await bench.soon("the end of a call", outcome.then(wordsOfDelivery, wordsOf));
    holdsNone(said, ["Ingeborg", "Quastenflosser"]);
  });

  withUpstream("7. no credentials are handed out with pictures", async (bench, upstream) => {
    const call = bench.start({ fields: { n: bench.most } });
    const delivery = await bench.soon("all pictures of a call", call.outcome);
    const credentials = [...(upstream.secrets ?? []), ...bench.wire.exchanges.flatMap(credentialsOf)];
    holdsNone([...wordsOfDelivery(delivery), JSON.stringify(call.refs)], credentials);
  });

  withUpstream("8. credentials go to the configured origin only", async (bench, upstream) => {
    await bench.deliver();
    const [first] = bench.wire.exchanges;
    if (first === undefined) return;
    const home = originOf(first.request);
    const requests = bench.wire.exchanges.length;
    const known = upstream.secrets ?? [];
    const credentials = [...new Set(bench.wire.exchanges.flatMap(credentialsOf))].concat(known);

    const misled = async (answer: (response: HttpResponse, nth: number) => Promise<HttpResponse>) => {
      const before = bench.wire.exchanges.length;
      bench.wire.meddle = async (request, nth, pass) =>
        originOf(request) === home ? answer(await pass(), nth - before) : madeUp(404, "");
      await bench.soon(
        "the end of the call",
        bench.start().outcome.catch(() => {}),
      );
    };
    await misled((response) => withHome(response, home));
    for (let at = 0; at < requests; at++) {
      await misled(async (response, nth) => (nth === at ? redirected(response) : response));
    }

    const strays = bench.wire.exchanges.filter(({ request }) => originOf(request) !== home);
    const leaked = strays.filter(({ request, sent }) => {
      const all = `${request.url} ${JSON.stringify(request.headers ?? {})} ${sent()}`;
      return credentials.some((credential) => all.includes(credential));
    });
    deepEqual(
      leaked.map(({ request }) => originOf(request)),
      [],
    );
  });
}

const JSON_TYPE = { "content-type": "application/json" };

const credentialsOf = ({ request }: { readonly request: HttpRequest }) => credentialsIn(request);

/** What an upstream that tells everything would say of a request. */
const indiscretion = ({ url, headers = {} }: HttpRequest): string =>
  `${url} with ${Object.values(headers).join(" ")} failed at ${INSIDE}: no such file ${FILE}`;

const secretsOf = ({ wire }: Bench): string[] =>
  wire.exchanges.flatMap(({ request }) => [...credentialsIn(request), new URL(request.url).host]);

/** All of an error that anybody but the log gets to see. */
function wordsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  if (!ProviderError.is(error)) return [error.message];
  const { cause: _forTheLog, ...shown } = error.info;
  return [error.message, JSON.stringify(shown)];
}

const wordsOfDelivery = ({ pictures, meta }: Delivery): string[] => [
  JSON.stringify(meta),
  ...pictures.map(({ out }) => out.revisedPrompt ?? ""),
];

function holdsNone(said: readonly string[], secrets: readonly string[]): void {
  const text = said.join("\n").toLowerCase();
  // The secret itself is not named: test reports are read by many.
  const found = secrets.findIndex((secret) => secret !== "" && text.includes(secret.toLowerCase()));
  ok(found < 0, "a message holds a key, an address or another's words");
}

async function withHome(response: HttpResponse, home: string): Promise<HttpResponse> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("latin1").replaceAll(home, ELSEWHERE);
  return { ...madeUp(response.status, "", response.headers), body: inPieces(Buffer.from(text, "latin1")) };
}

async function redirected(response: HttpResponse): Promise<HttpResponse> {
  await response.body[Symbol.asyncIterator]().return?.();
  return madeUp(307, "", { location: `${ELSEWHERE}/` });
}
