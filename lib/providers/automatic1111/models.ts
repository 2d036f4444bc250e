import type { ModelCard } from "../../ports/model-card";
import type { Fields } from "./request/fields";

/** What is sent where the caller says nothing. */
export interface ModelDefaults extends Fields {
  readonly negative_prompt?: string;
  /** 64 … 2048, a multiple of 8; together with `height`. */
  readonly width?: number;
  readonly height?: number;
}

/** Settings of the server's that hold for a request, by its own names for them. */
export type OverrideSettings = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What the operator presets, for all models or for one. */
export interface Preset {
  readonly defaults?: ModelDefaults;
  readonly overrideSettings?: OverrideSettings;
}

/** A model as the operator describes it; what its card says beats what is known of the server. */
export interface Automatic1111Model extends ModelCard, Preset {
  /** The checkpoint: its title, model name or hash. @default the id */
  readonly upstream?: string;
}

/** What the operator says of models. */
export interface ModelChoice extends Preset {
  readonly models?: readonly (string | Automatic1111Model)[];
}

/** A model, made ready. */
export interface Model extends Required<Preset> {
  readonly id: string;
  readonly checkpoint: string;
  /** What the operator says of it. */
  readonly card: Partial<ModelCard>;
}

export interface Models {
  /** In the operator's order; `undefined` when none are named, and every checkpoint is a model. */
  readonly named: readonly Model[] | undefined;
  find(id: string): Model | undefined;
  /** A checkpoint of which nothing more is said. */
  ofCheckpoint(name: string): Model;
}

export function createModels({ models, defaults = {}, overrideSettings = {} }: ModelChoice): Models {
  const ofCheckpoint = (name: string): Model => ({
    id: name,
    checkpoint: name,
    defaults,
    overrideSettings,
    card: {},
  });
  const named = models?.map((model): Model => {
    if (typeof model === "string") return ofCheckpoint(model);
    // Two models may share a checkpoint, so a card does not name it: the task then carries the model's own id.
    const { upstream = model.id, defaults: more, overrideSettings: further, ...card } = model;
    return {
      id: model.id,
      checkpoint: upstream,
      defaults: { ...defaults, ...more },
      overrideSettings: { ...overrideSettings, ...further },
      card,
    };
  });
  const byId = new Map(named?.map((model) => [model.id, model]));
  return {
    named,
    find: (id) => (named === undefined ? ofCheckpoint(id) : byId.get(id)),
    ofCheckpoint,
  };
}
