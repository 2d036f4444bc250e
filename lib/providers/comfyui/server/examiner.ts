import type { ProbeContext } from "../../../ports/provider";
import type { Workflow } from "../workflow/workflow";
import { checkWorkflows } from "./check";
import { queueDepth, type Server } from "./server";

export interface Examination {
  readonly depth: number;
  /** What keeps workflows from running there, for the operator. */
  readonly problems: readonly string[];
}

export interface Examiner {
  /** Asks how a server is, and now and then whether the workflows fit it. @throws HttpError, DeadlineError */
  examine(server: Server, ctx: ProbeContext): Promise<Examination>;
}

export function createExaminer(workflows: readonly Workflow[], holdsMs: number): Examiner {
  const known = new Map<Server, { readonly problems: readonly string[]; readonly until: number }>();
  return {
    async examine(server, ctx) {
      const depth = await queueDepth(server, ctx);
      const found = known.get(server);
      if (found !== undefined && found.until > performance.now()) return { depth, problems: found.problems };
      const problems = await checkWorkflows(server.api, ctx, workflows);
      for (const problem of problems) ctx.log.error({ server: server.key }, problem);
      known.set(server, { problems, until: performance.now() + holdsMs });
      server.unfit.clear();
      return { depth, problems };
    },
  };
}
