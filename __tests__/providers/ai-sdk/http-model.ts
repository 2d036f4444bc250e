import type { ImageModel, ImageModelCall, ImageModelFile } from "../../../lib/providers/ai-sdk";
import { thrown, type Version } from "./models";

export interface Site {
  readonly url: string;
  readonly key: string;
  readonly fetch?: typeof fetch;
}

/** Makes requests and errors the way the AI SDK's provider-utils do; see packages/provider-utils/src/post-to-api.ts of vercel/ai. */
function apiOf({ key, fetch: ask = fetch }: Site, signal: AbortSignal | undefined) {
  const send = async (url: string, values: object | undefined, isHome = true): Promise<Response> => {
    const requestBodyValues = values ?? {};
    const init = {
      headers: isHome ? { authorization: `Bearer ${key}`, "content-type": "application/json" } : {},
      ...(values === undefined ? {} : { method: "POST", body: JSON.stringify(values) }),
      ...(signal === undefined ? {} : { signal }),
    };
    const response = await ask(url, init).catch((cause: unknown) => {
      if (!(cause instanceof TypeError)) throw cause;
      throw thrown("AI_APICallError", "Cannot connect to API", {
        cause: cause.cause,
        url,
        requestBodyValues,
      });
    });
    if (response.ok) return response;
    throw thrown("AI_APICallError", response.statusText, {
      url,
      requestBodyValues,
      statusCode: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody: await response.text(),
    });
  };
  const broken = (response: Response, responseBody: string | undefined, cause: unknown) =>
    thrown("AI_APICallError", "Invalid response", {
      cause,
      responseBody,
      url: response.url,
      requestBodyValues: {},
      statusCode: response.status,
    });
  return {
    /** The answer's JSON, if it is of the shape that is hoped for. */
    async json<T>(
      url: string,
      values: object | undefined,
      read: (answer: unknown) => T | undefined,
    ): Promise<T> {
      const response = await send(url, values);
      let text: string | undefined;
      try {
        text = await response.text();
        const got = read(JSON.parse(text));
        if (got !== undefined) return got;
      } catch (cause) {
        throw broken(response, text, cause);
      }
      throw broken(response, text, undefined);
    },
    async bytes(url: string, isHome: boolean): Promise<Uint8Array> {
      const response = await send(url, undefined, isHome);
      try {
        return new Uint8Array(await response.arrayBuffer());
      } catch (cause) {
        throw broken(response, undefined, cause);
      }
    },
  };
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const textsOf = (value: unknown): string[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const texts = value.map((each) => memberOf(each, "b64_json")).filter((text) => typeof text === "string");
  return texts.length === value.length ? texts : undefined;
};

const model = (
  specificationVersion: Version,
  provider: string,
  maxImagesPerCall: number,
  doGenerate: (call: ImageModelCall) => Promise<unknown>,
): ImageModel => ({
  specificationVersion,
  provider,
  modelId: "model-1",
  maxImagesPerCall,
  supportsFileInputs: specificationVersion === "v4" && maxImagesPerCall > 1,
  doGenerate,
});

const base64Of = (file: ImageModelFile): string =>
  file.type === "file" ? Buffer.from(file.data).toString("base64") : "";

/** A vendor with one request a call and OpenAI's answers. */
export const directModel = (version: Version, site: Site): ImageModel =>
  model(version, "direct.image", 3, async ({ prompt, n, size, files, mask: given, abortSignal }) => {
    const image = files?.map(base64Of);
    const mask = given && base64Of(given);
    const body = { model: "model-1", prompt, n, size, image, mask };
    const images = await apiOf(site, abortSignal).json(`${site.url}/images/generations`, body, (answer) =>
      textsOf(memberOf(answer, "data")),
    );
    return { images, warnings: [], response: { timestamp: new Date(), modelId: "model-1", headers: {} } };
  });

/** A vendor with a queue, as Black Forest Labs has one: submit, ask until it is ready, fetch the picture from another address. */
export const queueModel = (version: Version, site: Site): ImageModel =>
  model(version, "queue.image", 1, async ({ prompt, seed, abortSignal }) => {
    const api = apiOf(site, abortSignal);
    const textIn = (answer: unknown, name: string): string | undefined => {
      const text = memberOf(answer, name);
      return typeof text === "string" ? text : undefined;
    };
    const polling = await api.json(`${site.url}/flux`, { prompt, seed }, (answer) =>
      textIn(answer, "polling_url"),
    );
    if (!polling.startsWith(site.url)) throw new Error("The address is not the vendor's.");
    for (;;) {
      const { status, sample } = await api.json(polling, undefined, (answer) => {
        const word = textIn(answer, "status");
        const isKnown =
          word === "Ready" || word === "Pending" || word === "Failed" || word === "Request Moderated";
        return isKnown ? { status: word, sample: textIn(memberOf(answer, "result"), "sample") } : undefined;
      });
      if (status === "Failed") throw new Error("Flux generation failed.");
      if (sample === undefined) continue;
      const images = [await api.bytes(sample, sample.startsWith(site.url))];
      return { images, warnings: [], response: { timestamp: new Date(), modelId: "model-1", headers: {} } };
    }
  });
