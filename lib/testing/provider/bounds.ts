import { equal, ok } from "node:assert/strict";

import { HttpError, type HttpRequest, type HttpResponse } from "../../ports";
import type { Declare } from "./bench";

/** More than any number of pictures of one call can be. */
const MOST_BYTES = 2 ** 30;
const PIECE_BYTES = 2 ** 18;

/** Words that end a string wherever they are pasted into JSON, a query or a form; they mean nothing to a model. */
const BREAKING = 'a "red" cube", "n": 9, "size": "1x1&n=9';

/** Rules 11 and 12: how much is held, and what a prompt cannot do. */
export function testBounds({ always, withUpstream }: Declare): void {
  always("11. an answer without end is cut off", async (bench) => {
    let allowed = 0;
    bench.wire.meddle = async (request) => {
      allowed = Math.max(allowed, request.maxBytes);
      return endless(request);
    };
    const before = bench.wire.exchanges.length;
    const isDelivered = await bench.soon(
      "the end of the call",
      bench.start().outcome.then(
        () => true,
        () => false,
      ),
    );
    equal(isDelivered, bench.wire.exchanges.length === before, "no pictures of an answer without end");
    ok(allowed <= MOST_BYTES, `maxBytes is ${allowed}`);
  });

  always("11. whoever leaves early leaves nothing open", async (bench) => {
    await bench.deliver({ fields: { n: bench.most }, leaves: true });
    const { exchanges } = bench.wire;
    await bench.until("the end of every request", () => exchanges.every((exchange) => exchange.isOver()));
  });

  always("12. a prompt that looks like part of a request stays text", async (bench) => {
    await bench.deliver({ fields: { prompt: BREAKING } });
    const sent = bench.wire.exchanges.map((exchange) => exchange.sent()).filter((body) => body !== "");
    for (const body of sent.filter(isJson)) {
      const texts = textsIn(JSON.parse(body));
      ok(
        texts.some((text) => text.includes(BREAKING)) || !body.includes("cube"),
        "the prompt is one text of the request",
      );
    }
    for (const { request } of bench.wire.exchanges) {
      equal(new URL(request.url).searchParams.get("n") === "9", false, "the prompt is one text of the query");
    }
  });

  withUpstream("12. what the upstream would obey does not reach it", async (bench, upstream) => {
    for (const control of upstream.controls ?? []) {
      const before = bench.wire.exchanges.length;
      // To refuse such a prompt will do as well.
      const call = bench.start({ fields: { prompt: `a red cube ${control}` } });
      await bench.soon(
        "the end of the call",
        call.outcome.catch(() => {}),
      );
      const inJson = JSON.stringify(control).slice(1, -1);
      for (const { request, sent } of bench.wire.exchanges.slice(before)) {
        const all = `${decodeURIComponent(request.url)} ${sent()}`;
        ok(!all.includes(control) && !all.includes(inJson), "a control block was sent as it came");
      }
    }
  });
}

function endless({ maxBytes }: HttpRequest): HttpResponse {
  const body = async function* () {
    yield Buffer.from('{"data": "');
    const piece = Buffer.alloc(PIECE_BYTES, "A");
    for (let bytes = 0; bytes < Math.min(maxBytes, MOST_BYTES); bytes += PIECE_BYTES) yield piece;
    throw new HttpError("too_large", "maybe", "the answer is larger than allowed");
  };
  return { status: 200, headers: { "content-type": "application/json" }, body: body() };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
