/** What the scripts of this folder share: where the gateway is, and how a client's cases run and are told. */
export const [url, ...args] = process.argv.slice(2);
export const baseURL = `${url}/v1`;
export const KEY = "sk-ann";
export const WRONG_KEY = "wrong";
/** Known, but without the capability. */
export const POOR_KEY = "sk-eve";
const bytes = (base64) => Buffer.from(base64, "base64");

/** Pictures to work on, of one pixel each. */
export const CAT = bytes(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);
export const DOG = bytes(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
);
export const MASK = CAT;

/** Milliseconds that the client's own time limit gives a provider that never answers. */
export const PATIENCE_MS = 2000;

/** Resolves to `times` once the provider was called with this prompt, or the gateway took such calls back, so often. */
async function until(what, prompt, times) {
  const answer = await fetch(`${url}/until/${what}/${prompt}/${times}`);
  await answer.text();
  return times;
}

export const stopped = (prompt, times) => until("stopped", prompt, times);

/** A picture behind a link, as base64. */
export async function fetched(link) {
  const answer = await fetch(link);
  if (!answer.ok) throw new Error(`the link answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer()).toString("base64");
}

/** What an error class of the OpenAI SDK shows. */
export function describeOpenaiError(error) {
  const { status, code, param, type, requestID } = error;
  return { class: error.constructor.name, status, code, param, type, id: requestID };
}

/** Aborts when the prompt has reached the provider. */
export function abortOnceCalled(prompt) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  until("called", prompt, 1).then(abort, abort);
  return controller.signal;
}

/** Runs the cases and prints what each gave, or what `describe` says of what it threw. The first warms the client, the others run at once. */
export async function tell(cases, describe) {
  const told = async ([name, run]) => {
    try {
      return [name, await run()];
    } catch (error) {
      return [name, describe(error)];
    }
  };
  const [first, ...others] = Object.entries(cases);
  const results = [await told(first), ...(await Promise.all(others.map(told)))];
  process.stdout.write(JSON.stringify(Object.fromEntries(results)), () => process.exit());
}
