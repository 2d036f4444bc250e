import type { ImageTask, InputImage, ModelCard } from "express-image-gateway";

import { formBody, MULTIPART, type RawPart } from "./forms";
import type { TestHost } from "./host";
import { pictures, type Script, type ScriptedProvider, scriptedProvider } from "./scripted-provider";

/** The card of a model that does everything. */
export const EDITS: Partial<ModelCard> = { ops: ["generate", "edit", "variation"] };

/** What a provider was given to work on. */
export interface SeenPictures {
  readonly images: readonly Buffer[];
  readonly mask: Buffer | undefined;
}

export interface EditingProvider extends ScriptedProvider {
  /** One for each call, in order. */
  readonly seen: SeenPictures[];
}

/** A provider that reads what it is given before it does what the script says. */
export function editingProvider(
  script: Script = (task) => pictures(task.n),
  card: Partial<ModelCard> = {},
): EditingProvider {
  const seen: SeenPictures[] = [];
  const reading: Script = async (task, context) => {
    seen.push(await picturesOf(task));
    return script(task, context);
  };
  return Object.assign(scriptedProvider(reading, { ...EDITS, ...card }), { seen });
}

/** Reads all that a task brings. */
export async function picturesOf(task: ImageTask): Promise<SeenPictures> {
  if (task.op === "generate") return { images: [], mask: undefined };
  const images: Buffer[] = [];
  for (const image of task.images) images.push(await bytesOf(image));
  const mask = task.op === "edit" && task.mask ? await bytesOf(task.mask) : undefined;
  return { images, mask };
}

async function bytesOf(image: InputImage): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of image.open()) pieces.push(piece);
  return Buffer.concat(pieces);
}

type Path = "edits" | "variations";

/** A form as `ann`, byte for byte. */
export const sendForm = (
  host: Pick<TestHost, "url">,
  parts: readonly RawPart[],
  { path = "edits", headers = {} }: { path?: Path; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${host.url}/v1/images/${path}`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": MULTIPART, ...headers },
    body: new Uint8Array(formBody(parts)),
  });

/** JSON as `ann`. */
export const sendJson = (
  host: Pick<TestHost, "url">,
  body: unknown,
  { path = "edits", headers = {} }: { path?: Path; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${host.url}/v1/images/${path}`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const dataUrl = (picture: Buffer): string => `data:image/png;base64,${picture.toString("base64")}`;

/** Status and code of an answer: `200`, or `400 invalid_value image`. */
export async function outcome(sent: Promise<Response>): Promise<string> {
  const answer = await sent;
  const text = await answer.text();
  if (answer.status === 200) return "200";
  const { code, param } = JSON.parse(text).error;
  return [answer.status, code, param ?? ""].join(" ").trim();
}
