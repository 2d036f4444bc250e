import { memoryStore } from "express-image-gateway/stores/memory";

import { requireInputs, taskOf } from "../../../lib/core/running/task-of";
import type { ImageStore, InputImage, RequestImage, TaskFields } from "../../../lib/ports";
import { picture } from "../../support/scripted-provider";
import { refusalOf, request } from "../bench";

const FIELDS: TaskFields = {
  model: "upstream-name",
  prompt: "a red cube",
  n: 2,
  deliver: "any",
  extra: Object.create(null),
};

let store: ImageStore;
beforeEach(() => {
  store = memoryStore();
});
afterEach(() => store.close?.());

const NEVER = new AbortController().signal;

/** A picture in the store, as a request describes it. */
async function stored(seed: number): Promise<RequestImage & { readonly content: Buffer }> {
  const content = await picture({ seed, width: 300, height: 300, format: "webp" });
  const reservation = await store.reserve({ owner: "ann", bytes: 0, signal: NEVER });
  async function* bytes() {
    yield content;
  }
  const image = { contentType: "image/webp", width: 300, height: 300, signal: NEVER } as const;
  const { key, bytes: length } = await reservation.write({ ...image, bytes: bytes() });
  const digest = "0".repeat(64);
  return {
    key,
    name: `${seed}.webp`,
    type: "image/webp",
    bytes: length,
    width: 300,
    height: 300,
    digest,
    content,
  };
}

async function contentOf(image: InputImage | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of image?.open() ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}

it("makes of a generation what the card has left of it", () => {
  expect(taskOf(request(), FIELDS, store, NEVER)).toEqual({ op: "generate", ...FIELDS });
});

it("gives an edit its pictures, each readable as often as it takes", async () => {
  const [first, second, mask] = [await stored(1), await stored(2), await stored(3)];
  const inputs = { images: [first, second], mask };
  const task = taskOf(request({ op: "edit", inputs }), FIELDS, store, NEVER);
  if (task.op !== "edit") throw new Error(`it is a ${task.op}`);
  expect(task).toMatchObject({ ...FIELDS, images: [{ name: "1.webp" }, { name: "2.webp" }] });
  expect(task.mask).toMatchObject({ name: "3.webp", type: "image/webp", length: mask.bytes });
  for (let times = 0; times < 2; times += 1) {
    expect(await contentOf(task.images[0])).toEqual(first.content);
    expect(await contentOf(task.images[1])).toEqual(second.content);
    expect(await contentOf(task.mask)).toEqual(mask.content);
  }
});

it("gives an edit without a mask none, and a variation no prompt", async () => {
  const inputs = { images: [await stored(1)] };
  expect(taskOf(request({ op: "edit", inputs }), FIELDS, store, NEVER)).not.toHaveProperty("mask");
  const task = taskOf(request({ op: "variation", prompt: "", inputs }), FIELDS, store, NEVER);
  expect(task.op).toBe("variation");
  expect(task).not.toHaveProperty("prompt");
});

it("ends whoever still reads a picture when the call is to stop", async () => {
  const inputs = { images: [await stored(1)] };
  const controller = new AbortController();
  const task = taskOf(request({ op: "edit", inputs }), FIELDS, store, controller.signal);
  const image = task.op === "edit" ? task.images[0] : undefined;
  controller.abort(new Error("stopped"));
  await expect(contentOf(image)).rejects.toThrow("stopped");
});

describe("requireInputs", () => {
  it("is content when all are there, or none was needed", async () => {
    await requireInputs(store, { images: [await stored(1)], mask: await stored(2) });
    await requireInputs(store, undefined);
  });

  it.each(["image", "mask"])("says before anything is paid for that the %s is gone", async (which) => {
    const [image, mask] = [await stored(1), await stored(2)];
    await store.delete([which === "image" ? image.key : mask.key]);
    const refused = await refusalOf(requireInputs(store, { images: [image], mask }));
    expect(refused).toMatchObject({ code: "storage_unavailable", retry: true });
  });
});
