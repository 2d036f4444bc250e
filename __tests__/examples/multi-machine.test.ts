import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { findRedis } from "../support/redis-server";

const main = join(__dirname, "../../dist/examples/multi-machine/main.js");

// Left out, by name, where there is no Redis; with CI set it fails there.
(findRedis() || process.env["CI"] ? it : it.skip)(
  "posts to one machine, hears on another, and ends all that it started",
  async () => {
    if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
    const { stdout } = await promisify(execFile)(process.execPath, [main, "--once"], { timeout: 50_000 });
    expect(stdout).toMatch(/^posted to web 1, heard on web 2: 0 .* 50 .* 100 % and [1-9]\d* previews$/m);
    expect(stdout).toMatch(/^completed; the picture has \d{4,} bytes$/m);
  },
  60_000,
);
