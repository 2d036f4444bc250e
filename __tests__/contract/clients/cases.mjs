/** What the scripts of this folder share: where the gateway is, and how a client's cases run and are told. */
export const [url, ...args] = process.argv.slice(2);
export const baseURL = `${url}/v1`;
export const KEY = "sk-ann";
export const WRONG_KEY = "wrong";
/** Known, but without the capability. */
export const POOR_KEY = "sk-eve";
/** Milliseconds that the client's own time limit gives a provider that never answers. */
export const PATIENCE_MS = 1500;

const until = (what) => async (prompt) => {
  const answer = await fetch(`${url}/until/${what}/${prompt}`);
  await answer.text();
};

/** Resolves once the provider has been called with this prompt. */
export const called = until("called");
/** Resolves once the gateway has taken back a call with this prompt. */
export const stopped = until("stopped");

/** A picture behind a link, as base64. */
export async function fetched(link) {
  const answer = await fetch(link);
  if (!answer.ok) throw new Error(`the link answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer()).toString("base64");
}

/** Aborts when the prompt has reached the provider. */
export function abortOnceCalled(prompt) {
  const controller = new AbortController();
  called(prompt).then(() => controller.abort());
  return controller.signal;
}

/** Runs all cases at once and prints what each gave, or what `describe` says of what it threw. */
export async function tell(cases, describe) {
  const told = await Promise.all(
    Object.entries(cases).map(async ([name, run]) => {
      try {
        return [name, await run()];
      } catch (error) {
        return [name, describe(error)];
      }
    }),
  );
  process.stdout.write(JSON.stringify(Object.fromEntries(told)), () => process.exit());
}
