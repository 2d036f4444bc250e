import { type RunningServer, startServer } from "../../examples/server/server";
import { readSettings } from "../../examples/server/settings";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The example server on a free port, with the given environment and none of the machine's. */
export const startExample = (env: Record<string, string> = {}): Promise<RunningServer> =>
  startServer(readSettings({ PORT: "0", DEMO_STEP_MS: "1", ...env }), silent);
