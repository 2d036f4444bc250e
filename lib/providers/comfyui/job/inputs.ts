import { randomUUID } from "node:crypto";
import { KIB } from "../../../internal/byte-sizes";
import { parsed, textMember } from "../../../internal/json-shape";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask, InputImage } from "../../../ports/task";
import { multipart } from "../../multipart";
import { unexpected } from "../faults";
import type { Api, Caller } from "../server/api";
import type { Uploads } from "../workflow/fill";
import { readsTemporary } from "../workflow/node-kinds";
import type { Workflow } from "../workflow/workflow";

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
};
const MAX_ANSWER = 64 * KIB;

/**
 * Brings a task's pictures to the server that will work on them. There they get names that nobody can guess, in the folder for
 * temporary files where the node can read it: it is emptied at each start, and no call deletes a file.
 *
 * @throws ProviderError `invalid_request` when there are more or fewer pictures than the workflow has inputs for
 */
export async function uploadInputs(
  api: Api,
  caller: Caller,
  workflow: Workflow,
  task: ImageTask,
): Promise<Uploads> {
  const slots = workflow.bindings.get("image")?.targets ?? [];
  const given = task.op === "generate" ? [] : task.images;
  if (given.length !== slots.length) {
    const message = `This model takes ${slots.length === 1 ? "one picture" : `${slots.length} pictures`} in 'image'.`;
    throw new ProviderError("invalid_request", message, { param: "image", started: "no" });
  }
  const images: string[] = [];
  for (const [index, image] of given.entries()) {
    images.push(await upload(api, caller, image, isTemporary(workflow, "image", index)));
  }
  const mask = task.op === "edit" && workflow.bindings.has("mask") ? task.mask : undefined;
  if (mask === undefined) return { images };
  return { images, mask: await upload(api, caller, mask, isTemporary(workflow, "mask", 0)) };
}

function isTemporary({ bindings, graph }: Workflow, field: string, index: number): boolean {
  const target = bindings.get(field)?.targets[index];
  const node = target && graph.get(target.node);
  return node !== undefined && readsTemporary(node);
}

/** @returns the name by which a node reads it */
async function upload(api: Api, caller: Caller, image: InputImage, isTemporary: boolean): Promise<string> {
  const extension = Object.hasOwn(EXTENSIONS, image.type) ? EXTENSIONS[image.type] : "png";
  const file = {
    fileName: `gateway-${randomUUID()}.${extension}`,
    type: "application/octet-stream",
    length: image.length,
    open: () => image.open(),
  };
  const form = multipart([
    ["type", isTemporary ? "temp" : "input"],
    ["image", file],
  ]);
  const { status, body } = await api.open(caller, {
    method: "POST",
    path: "/upload/image",
    ...form,
    maxBytes: MAX_ANSWER,
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  if (status === 413) {
    throw new ProviderError("invalid_request", "The picture is larger than the server takes.", {
      param: "image",
      started: "no",
    });
  }
  const answer = parsed(Buffer.concat(pieces).toString());
  const stored = textMember(answer, "name");
  const subfolder = textMember(answer, "subfolder") ?? "";
  if (status !== 200 || stored === undefined) throw unexpected(status, "an uploaded picture", "no");
  return `${subfolder === "" ? "" : `${subfolder}/`}${stored}${isTemporary ? " [temp]" : ""}`;
}
