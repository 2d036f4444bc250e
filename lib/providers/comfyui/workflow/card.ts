import { defined } from "../../../internal/defined";
import type { ModelCard, ModelLimits, SizeRule } from "../../../ports/model-card";
import { FIELDS } from "./bindings";
import { canvasStep, outputKind } from "./node-kinds";
import type { Workflow } from "./workflow";

/** What the operator says of a model beyond its workflow; it beats what is derived. */
export type CardOverrides = Omit<Partial<ModelCard>, "id" | "upstream">;

const BATCH = 4;
const MIN_SIDE = 64;
const MAX_SIDE = 2048;

/** Fields with a place of their own in the task, unlike `steps` and `cfg`. */
const OWN: ReadonlySet<string> = new Set(FIELDS.filter((field) => field !== "steps" && field !== "cfg"));

/** The card of a workflow: which fields it takes, how many pictures at once, which sizes. Needs no server. */
export function deriveCard(workflow: Workflow, servers: number, overrides: CardOverrides = {}): ModelCard {
  const { model, bindings } = workflow;
  const images = bindings.get("image")?.targets.length;
  const op = images === undefined ? "generate" : bindings.has("prompt") ? "edit" : "variation";
  const limits: ModelLimits = defined({
    n: bindings.has("batch") ? Math.min(BATCH, bindings.get("batch")?.max ?? BATCH) : 1,
    concurrent: Math.max(1, servers),
    sizes: [sizeRule(workflow)],
    qualities: [],
    styles: [],
    backgrounds: [],
    formats: [],
    inputImages: images,
  });
  return {
    ops: [op],
    extra: [...bindings.keys()].filter((field) => !OWN.has(field)),
    progress: "steps",
    previews: true,
    cancel: { queued: "yes", running: "yes" },
    // Pictures that come over the socket come to the one who sent the graph.
    resume: outputKind(workflow.output) === "files",
    namesFirst: true,
    ...overrides,
    id: model,
    limits: { ...limits, ...overrides.limits },
    params: {
      seed: bindings.has("seed"),
      negativePrompt: bindings.has("negative"),
      mask: bindings.has("mask"),
      quality: false,
      style: false,
      background: false,
      moderation: false,
      output: false,
      endUser: false,
      ...overrides.params,
    },
  };
}

function sizeRule({ bindings, graph }: Workflow): SizeRule {
  const width = bindings.get("width");
  const height = bindings.get("height");
  if (width === undefined || height === undefined) return { kind: "list", values: [], auto: true };
  const nodes = [...width.targets, ...height.targets].map(({ node }) => graph.get(node)?.classType ?? "");
  const min = Math.max(width.min ?? MIN_SIDE, height.min ?? MIN_SIDE);
  const max = Math.min(width.max ?? MAX_SIDE, height.max ?? MAX_SIDE);
  return { kind: "grid", step: Math.max(...nodes.map(canvasStep)), min, max, auto: true };
}
