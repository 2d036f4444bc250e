import { HttpError, type HttpRequest } from "../../ports/http-client";
import type { Health, ProbeContext } from "../../ports/provider";

const HEALTH_MS = 5_000;

/**
 * Asks a question that costs nothing and needs the key.
 *
 * @param asked what is asked for, for operators
 */
export async function probe(
  { http, signal }: ProbeContext,
  request: Omit<HttpRequest, "signal">,
  asked: string,
): Promise<Health> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), HEALTH_MS).unref();
  const began = performance.now();
  try {
    const { body, status } = await http.request({
      ...request,
      signal: AbortSignal.any([signal, limit.signal]),
    });
    for await (const _chunk of body) break;
    return { ...judged(status, asked), latencyMs: Math.round(performance.now() - began) };
  } catch (error) {
    return { status: "down", reason: HttpError.is(error) ? error.failure : "the health check failed" };
  } finally {
    clearTimeout(timer);
  }
}

function judged(status: number, asked: string): Health {
  if (status >= 200 && status < 300) return { status: "up" };
  if (status === 401 || status === 403) return { status: "down", reason: "the key is refused" };
  if (status >= 500) return { status: "down", reason: `status ${status}` };
  return { status: "degraded", reason: `${asked} answers with status ${status}` };
}
