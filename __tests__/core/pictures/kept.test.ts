import { memoryStore } from "express-image-gateway/stores/memory";
import { keptKeys, readKept } from "../../../lib/core/pictures/kept";
import type { JobImage } from "../../../lib/ports";

const passed: JobImage = { place: 0, contentType: "image/png", bytes: 3, width: 1, height: 1 };
const kept: JobImage = { ...passed, place: 1, kept: { key: "a".repeat(22), expiresAt: 1 } };
const { signal } = new AbortController();

it("names the keys of those that were kept", () => {
  expect(keptKeys([passed, kept])).toEqual(["a".repeat(22)]);
});

it("does not ask the store for what was never kept", async () => {
  const store = memoryStore();
  const read = jest.spyOn(store, "read");
  await expect(readKept(store, passed, signal).next()).rejects.toMatchObject({ code: "image_not_found" });
  expect(read).not.toHaveBeenCalled();
  await expect(readKept(store, kept, signal).next()).rejects.toMatchObject({ code: "image_not_found" });
  expect(read).toHaveBeenCalledTimes(1);
});
