import { readFileSync, writeFileSync } from "node:fs";

const SAMPLE_MS = 2;

/** Begins to watch the resident memory of this process; the function it returns ends that and tells the most it has been. */
export function watchPeakMemory(): () => number {
  return watchByKernel() ?? watchBySamples();
}

/**
 * Linux keeps the peak itself, and forgets it when told to.
 *
 * @see https://www.kernel.org/doc/html/latest/filesystems/proc.html
 */
function watchByKernel(): (() => number) | undefined {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return () => Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  } catch {
    return undefined;
  }
}

function watchBySamples(): () => number {
  let most = process.memoryUsage.rss();
  const sample = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    sample();
    return most;
  };
}
