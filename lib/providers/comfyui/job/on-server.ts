import type { RunResult } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { Server } from "../server/server";
import { fillGraph } from "../workflow/fill";
import { outputKind } from "../workflow/node-kinds";
import { createAccount } from "./account";
import type { Call, RunTools } from "./call";
import { deliver } from "./deliver";
import { endingError } from "./ending";
import { createFollower } from "./follow";
import { uploadInputs } from "./inputs";
import { createMeter } from "./meter";
import { send, tell } from "./send";

/**
 * A run on one server, from the upload of its pictures to the delivery of what it made.
 *
 * @param isNew the graph is sent; else it is there already
 */
export async function onServer(
  tools: RunTools,
  call: Call,
  server: Server,
  isNew: boolean,
): Promise<RunResult> {
  const { options, timing } = tools;
  const { course, ctx, task } = call;
  const { workflow } = call.model;
  const framesWanted = outputKind(workflow.output) === "frames" ? task.n : 0;
  let isComing = true;
  const arrived = () => {
    if (isComing) server.coming--;
    isComing = false;
  };
  let release = () => {};
  try {
    const uploads = isNew ? await uploadInputs(server.api, ctx, workflow, task) : { images: [] };
    const { sanitizePrompt } = options;
    const filled = fillGraph(workflow, task, { uploads, tag: ctx.callKey.slice(0, 8), sanitizePrompt });
    const outputId = workflow.output.id;
    const account = createAccount({
      outputId,
      framesWanted,
      meter: createMeter(workflow.graph, filled.prompt, outputId),
      progress: (progress) => ctx.progress(progress),
      wantsPreviews: () => ctx.wantsPreviews,
    });
    const { promptId } = course;
    const follower = createFollower({ promptId, account, isUnderWay: !isNew, timing });
    // Before the graph is sent: the first messages may be faster than its answer.
    release = server.link.hold(promptId, follower.listener);
    const isOpen = await server.link.opened(timing.openMs, ctx.signal);
    ctx.signal.throwIfAborted();
    if (isNew) {
      if (framesWanted > 0 && !isOpen) throw deaf();
      await send(tools, call, server, filled);
      if (course.promptId !== ctx.callKey) {
        release();
        release = server.link.hold(course.promptId, follower.listener);
        follower.rename(course.promptId);
        await tell(tools, call, server);
      }
    }
    arrived();
    const ending = await follower.ending(server.link, server.watcher, ctx);
    if (ending.kind !== "done") throw endingError(ending, filled);
    return deliver(server, ending, { workflow, filled, options, n: task.n, promptId: course.promptId }, ctx);
  } finally {
    arrived();
    release();
  }
}

const deaf = (): ProviderError =>
  new ProviderError("unavailable", "The server's socket, by which it sends its pictures, does not open.", {
    started: "no",
  });
