/** The OpenAI SDK for Node; its package name comes as the argument. */
import {
  abortOnceCalled,
  args,
  baseURL,
  CAT,
  DOG,
  describeOpenaiError,
  fetched,
  KEY,
  MASK,
  PATIENCE_MS,
  POOR_KEY,
  stopped,
  tell,
  WRONG_KEY,
} from "./cases.mjs";

const { default: OpenAI, toFile } = await import(args[0]);

const client = (options) => new OpenAI({ baseURL, apiKey: KEY, ...options });
const generate = (model, prompt, more, options) =>
  client().images.generate({ model, prompt, ...more }, options);
const edit = (prompt, more) => client().images.edit({ model: "gpt-image-2", prompt, ...more });
const base64In = ({ data }) => ({ pictures: data.map((item) => item.b64_json) });
const refusedTo = (apiKey) => client({ apiKey }).images.generate({ model: "draws", prompt: "refused" });

const cases = {
  async url() {
    const answer = await generate("draws", "url");
    return { pictures: [await fetched(answer.data[0].url)], id: answer._request_id, size: answer.size };
  },
  async many() {
    const { data } = await generate("draws", "many", { n: 3, response_format: "b64_json" });
    return { pictures: data.map((item) => item.b64_json) };
  },
  async models() {
    const ids = [];
    for await (const { id } of client().models.list()) ids.push(id);
    return ids;
  },
  edit: async () => base64In(await edit("edit", { image: await toFile(CAT, "cat.png") })),
  async editMany() {
    const image = [await toFile(CAT, "cat.png"), await toFile(DOG, "dog.png")];
    return base64In(await edit("editMany", { image, mask: await toFile(MASK, "mask.png"), n: 2 }));
  },
  async editStream() {
    const image = await toFile(CAT, "cat.png");
    const events = await edit("editStream", { image, stream: true, partial_images: 1 });
    const seen = [];
    for await (const event of events) seen.push(event);
    return { types: seen.map(({ type }) => type), pictures: [seen.at(-1).b64_json] };
  },
  async variation() {
    const image = await toFile(CAT, "cat.png");
    return base64In(
      await client().images.createVariation({ image, model: "dall-e-2", response_format: "b64_json" }),
    );
  },
  noPicture: async () => edit("noPicture", { image: await toFile(Buffer.from("no picture"), "cat.png") }),
  size: () => generate("draws", "size", { size: "axb" }),
  model: () => generate("nope", "model"),
  key: () => refusedTo(WRONG_KEY),
  capability: () => refusedTo(POOR_KEY),
  policy: () => generate("refuses", "policy"),
  limited: () => generate("limited", "limited"),
  broken: () => generate("fails", "broken"),
  abort: () => generate("hangs", "abort", {}, { signal: abortOnceCalled("abort") }),
  abortSeen: () => stopped("abort", 1),
  timeout: () => generate("hangs", "timeout", {}, { timeout: PATIENCE_MS }),
  timeoutSeen: () => stopped("timeout", 3),
};

await tell(cases, describeOpenaiError);
