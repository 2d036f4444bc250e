import { Readable } from "node:stream";
import { asBuffer } from "../internal/as-buffer";

import type { HttpRequest, HttpResponse } from "../ports/http-client";
import type { Driver } from "./driver";
import { Exchange } from "./exchange";
import { httpError } from "./failure";
import { incoming, isPlain, outgoing } from "./headers";
import type { HttpLimits } from "./limits";

/** Does one request by the given driver; every client of ours ends here. Rejects with HttpError only. */
export async function perform(
  request: HttpRequest,
  url: URL,
  driver: Driver,
  limits: HttpLimits,
): Promise<HttpResponse> {
  const headers = outgoing(request.headers);
  const body = sendable(request.body);
  const exchange = new Exchange(limits, request, body instanceof Readable ? body : undefined);
  try {
    const answer = await exchange.open(driver, { method: request.method, url, headers, body });
    const answerHeaders = incoming(answer.headers);
    const { status } = answer;
    if (isPlain(answerHeaders)) {
      return { status, headers: answerHeaders, body: exchange.body() };
    }
    if (status < 300) throw httpError("protocol", "maybe", "the upstream's answer is compressed");
    // What went wrong, and whether to ask again, its status and headers say.
    exchange.release();
    return { status, headers: answerHeaders, body: nothing() };
  } catch (error) {
    exchange.release();
    throw error;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function sendable(body: HttpRequest["body"]): Buffer | string | Readable | undefined {
  if (body === undefined || typeof body === "string") return body;
  if (body instanceof Uint8Array) return asBuffer(body);
  return Readable.from(body, { objectMode: false });
}
