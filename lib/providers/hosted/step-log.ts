/** A log may be long, and only its end is news. */
const TAIL_CHARS = 4_096;

/**
 * A bar of tqdm at the beginning of a line: ` 50%|█████     | 14/28 [00:01<00:01, 9.3it/s]`. Bars with words before them count
 * files and layers while a model is loaded.
 */
const BAR = /(?:^|[\r\n])[ \t]{0,20}\d{1,3}%\|[^|\r\n]{0,400}\|[ \t]{0,20}(\d{1,7})\/(\d{1,7})(?!\d)/g;

/** How far the last progress bar in a model's log has come; nothing where there is none. */
export function stepsIn(log: string): { readonly step?: number; readonly steps?: number } {
  const [, done, all] = [...log.slice(-TAIL_CHARS).matchAll(BAR)].at(-1) ?? [];
  const step = Number(done);
  const steps = Number(all);
  return steps >= 1 && step <= steps ? { step, steps } : {};
}
