import { inPieces } from "../../../internal/in-pieces";
import type { ImageOut, RunContext, RunResult, Warning } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ResolvedComfyUIOptions } from "../options";
import { type PictureEntry, pictureEntries } from "../pictures/entries";
import { openPicture } from "../pictures/open-picture";
import { withoutMetadata } from "../pictures/strip";
import type { Server } from "../server/server";
import type { FilledGraph } from "../workflow/fill";
import { outputKind } from "../workflow/node-kinds";
import type { Workflow } from "../workflow/workflow";
import type { Ending } from "./ending";

interface Order {
  readonly workflow: Workflow;
  readonly filled: FilledGraph;
  readonly options: ResolvedComfyUIOptions;
  readonly n: number;
  readonly promptId: string;
}

/** The pictures of a run that is done, opened one after the other as they are read. */
export function deliver(
  server: Server,
  ending: Extract<Ending, { kind: "done" }>,
  order: Order,
  ctx: RunContext,
): RunResult {
  const { workflow, filled, options, n, promptId } = order;
  const seed = filled.seed === undefined ? {} : { seed: filled.seed };
  const fromFile = (entry: PictureEntry): ImageOut => ({
    data: { as: "bytes", open: () => stripped(openPicture(server.api, ctx, entry, options.maxImageBytes)) },
    ...seed,
  });
  const fromFrame = (bytes: Uint8Array): ImageOut => ({
    data: { as: "bytes", open: () => stripped(inPieces(bytes)) },
    ...seed,
  });
  const stripped = (source: AsyncIterable<Uint8Array>) =>
    options.keepMetadata ? source : withoutMetadata(source);

  const isByFrame = outputKind(workflow.output) === "frames";
  const made = isByFrame
    ? ending.frames.map(fromFrame)
    : pictureEntries(ending.outputs, workflow.output.id).map(fromFile);
  // A workflow may have a batch of its own.
  const images = made.slice(0, n);
  if (images.length === 0) {
    throw isByFrame
      ? new ProviderError("unavailable", "The picture was lost on its way from the server.", {
          started: "yes",
        })
      : new ProviderError("protocol", "The server made no picture.", { started: "yes" });
  }
  ctx.progress({ phase: "saving", fraction: 0.99 });
  const warnings: Warning[] =
    images.length < n
      ? [{ param: "n", message: `The workflow made ${images.length} of ${n} pictures.` }]
      : [];
  return { images, meta: () => ({ upstreamId: promptId, warnings }) };
}
