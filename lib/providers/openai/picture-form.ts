import type { ImageTask, InputImage } from "../../ports/task";
import { type FormEntry, type FormFile, type Multipart, multipart } from "../multipart";

type PictureTask = Exclude<ImageTask, { readonly op: "generate" }>;

/**
 * A request with pictures as a form: the fields first, which servers that read a form as it comes may need to know what to do with a picture.
 *
 * @see https://platform.openai.com/docs/api-reference/images/createEdit
 */
export function pictureForm(task: PictureTask, fields: Readonly<Record<string, unknown>>): Multipart {
  const texts = Object.entries(fields).map(([name, value]): FormEntry => [name, textOf(value)]);
  // What OpenAI's own SDKs do; some servers know only one of the two.
  const field = task.images.length === 1 ? "image" : "image[]";
  const images = task.images.map((image, at): FormEntry => [field, fileOf(`image-${at + 1}`, image)]);
  const mask: FormEntry[] = task.op === "edit" && task.mask ? [["mask", fileOf("mask", task.mask)]] : [];
  return multipart([...texts, ...images, ...mask]);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Under a name of ours: a caller's own would tell the upstream more than it needs. */
const fileOf = (name: string, { type, length, open }: InputImage): FormFile => ({
  fileName: `${name}.${type.replace(/^image\//, "")}`,
  type,
  length,
  open,
});
