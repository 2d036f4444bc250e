import { spawn } from "node:child_process";
import { once } from "node:events";

import { hasEnded, MARK_PATTERN, ownMark } from "../../../lib/stores/disk/this-process";
import { itOnLinux } from "../folder";

const withPid = (pid: number): string => ownMark().replace(`-${process.pid}-`, `-${pid}-`);

describe("the mark of a process", () => {
  it("has its form and is that of a living one", () => {
    expect(ownMark()).toMatch(new RegExp(`^${MARK_PATTERN}$`));
    expect(hasEnded(ownMark())).toBe(false);
  });

  it("tells a process that has ended", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid = 0 } = child;
    await once(child, "exit");
    expect(hasEnded(withPid(pid))).toBe(true);
  });

  itOnLinux("tells a process whose number another one has now", () => {
    expect(hasEnded(ownMark().replace(/\d+$/, "1"))).toBe(true);
  });

  it("tells nothing of processes of another machine", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid = 0 } = child;
    await once(child, "exit");
    expect(hasEnded(`000000000000${withPid(pid).slice(12)}`)).toBe(false);
  });
});
