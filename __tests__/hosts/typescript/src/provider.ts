import {
  type ImageOut,
  type ImageProvider,
  type ModelCard,
  ProviderError,
  type RunContext,
} from "express-image-gateway";

export const card: ModelCard = {
  id: "studio-1",
  aliases: ["studio"],
  limits: { n: 2, sizes: [{ kind: "grid", step: 8, min: 64, max: 1024 }], formats: ["png"] },
  params: { seed: true, style: false },
  extra: ["steps"],
  progress: "steps",
};

async function draw(prompt: string, context: RunContext): Promise<Uint8Array> {
  const { status, body } = await context.http.request({
    method: "POST",
    url: "https://studio.example/draw",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt, id: context.callKey }),
    signal: context.signal,
    maxBytes: 2 ** 20,
  });
  if (status !== 200) {
    throw new ProviderError("unavailable", "The studio is closed.", { status, started: "maybe" });
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

const shown = (bytes: Uint8Array): ImageOut => ({
  data: {
    as: "bytes",
    async *open() {
      yield bytes;
    },
  },
});

export const studio: ImageProvider = {
  id: "studio",
  models: () => [card],
  async run(task, context) {
    if (task.op !== "generate") {
      throw new ProviderError("unsupported_param", "The studio only draws.", { started: "no" });
    }
    context.progress({ phase: "sampling", fraction: 0.5, step: 1, steps: 2 });
    const bytes = await draw(task.prompt, context);
    return { images: [shown(bytes)], meta: () => ({ usage: { totalTokens: bytes.byteLength } }) };
  },
};
