const LIMIT_MS = 5_000;

/** Resolves when a fact that nothing reports has come true. */
export async function eventually(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not true within ${LIMIT_MS} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
