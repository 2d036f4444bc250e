import { withDeadline } from "../internal/deadline";
import type { Health, ImageProvider, ProbeContext } from "../ports";

const PROBE_LIMIT_MS = 5_000;

/** Asks each provider how it is; one that fails or is silent for 5 s counts as down, one that cannot be asked as up. */
export async function probeHealth(
  providers: readonly ImageProvider[],
  probe: (signal: AbortSignal) => ProbeContext,
): Promise<Readonly<Record<string, Health>>> {
  const ask = async (provider: ImageProvider): Promise<Health> => {
    try {
      const answer = await withDeadline(PROBE_LIMIT_MS, undefined, async (signal) =>
        provider.health?.(probe(signal)),
      );
      return answer ?? { status: "up" };
    } catch {
      return { status: "down", reason: "the health check failed" };
    }
  };
  return Object.fromEntries(
    await Promise.all(providers.map(async (each) => [each.id, await ask(each)] as const)),
  );
}
