/** The OpenAI SDK for Node on `stream: true`; its package name comes as the argument. */
import { args, baseURL, DOG, describeOpenaiError, KEY, stopped, tell } from "./cases.mjs";

const { default: OpenAI, toFile } = await import(args[0]);

const client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
const generate = (model, prompt, more) =>
  client.images.generate({ model, prompt, stream: true, partial_images: 2, ...more });
const edit = async (model, prompt) => {
  const image = await toFile(DOG, "dog.png");
  return client.images.edit({ model, prompt, image, stream: true, partial_images: 2 });
};

/** All events of a call, and what broke it off. */
async function seen(call, isEnough = () => false) {
  const events = [];
  try {
    for await (const event of await call) {
      events.push(event);
      if (isEnough(event)) break;
    }
    return { events };
  } catch (error) {
    return { events, error: describeOpenaiError(error) };
  }
}

const isPartial = ({ type }) => type === "image_generation.partial_image";

const cases = {
  relayed: () => seen(generate("relayed", "relayed")),
  relayedEdit: () => seen(edit("relayed", "relayed")),
  drawn: () => seen(generate("demo", "a lake", { partial_images: 3, size: "64x64" })),
  drawnEdit: () => seen(edit("demo", "a lake")),
  several: () => seen(generate("demo", "two lakes", { n: 2, partial_images: 1, size: "64x64" })),
  size: () => seen(generate("demo", "a lake", { size: "axb" })),
  refused: () => seen(generate("relayed", "refused")),
  broken: () => seen(generate("relayed", "broken")),
  left: () => seen(generate("relayed", "endless"), isPartial),
  leftSeen: () => stopped("endless", 1),
};

await tell(cases, describeOpenaiError);
