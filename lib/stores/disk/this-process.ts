import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

import { digest } from "../../internal/digest";
import { codeOf } from "./refusals";

/** What {@link ownMark} looks like: machine, process id, when that process started. */
export const MARK_PATTERN = "[A-Za-z0-9_-]{12}-[1-9]\\d{0,9}-\\d{1,20}";

let machine: string | undefined;
let mark: string | undefined;

/** The mark of this process in names of files that are worth nothing without it. */
export function ownMark(): string {
  mark ??= `${ownMachine()}-${process.pid}-${startOf("self")}`;
  return mark;
}

/** Has the process with this mark ended for certain? Of other machines and containers nothing is known: `false`. */
export function hasEnded(mark: string): boolean {
  const [pid = "", start = ""] = mark.slice(13).split("-");
  if (mark.slice(0, 12) !== ownMachine()) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
  // The number may have gone to another process since, in a restarted container even to this one.
  return startOf(pid) !== start;
}

/** Process ids mean something within one boot of one kernel and one namespace only. */
function ownMachine(): string {
  machine ??= digest(
    hostname(),
    orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")),
    orEmpty(() => readlinkSync("/proc/self/ns/pid")),
  ).slice(0, 12);
  return machine;
}

/** In clock ticks, field 22 of proc_pid_stat(5); `0` where the system has no such file. */
function startOf(pid: string): string {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  // The second field is the program's name in parentheses and may hold blanks itself.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
