import { findCheckpoint, readCheckpoints } from "../../../../lib/providers/automatic1111/server/checkpoints";
import { CHECKPOINT } from "../web-ui";

const plain = (title: string, more: object = {}) => ({
  title,
  model_name: title,
  hash: null,
  sha256: null,
  ...more,
});

describe("checkpoints", () => {
  it.each([
    CHECKPOINT.title,
    CHECKPOINT.model_name,
    CHECKPOINT.hash,
    CHECKPOINT.sha256,
    "sd_xl_base_1.0.safetensors",
  ])("are found by %s", (wanted) => {
    const list = readCheckpoints([plain("other"), CHECKPOINT]) ?? [];
    expect(findCheckpoint(list, wanted)).toMatchObject({
      title: CHECKPOINT.title,
      name: CHECKPOINT.model_name,
    });
  });

  it("in folders are found by the file's name alone too", () => {
    const list = readCheckpoints([plain("anime/soft.ckpt [0123456789]", { model_name: "anime_soft" })]) ?? [];
    for (const wanted of ["anime/soft.ckpt", "soft", "anime_soft"]) {
      expect(findCheckpoint(list, wanted)?.name).toBe("anime_soft");
    }
  });

  it.each(["sd_xl_base", "SD_XL_BASE_1.0", "", "constructor"])("are not found by %j", (wanted) => {
    expect(findCheckpoint(readCheckpoints([CHECKPOINT]) ?? [], wanted)).toBeUndefined();
  });

  it("whose title is meant come before those with another name like it", () => {
    const list = readCheckpoints([plain("a", { model_name: "b" }), plain("b", { model_name: "c" })]) ?? [];
    expect(findCheckpoint(list, "b")?.name).toBe("c");
  });

  it("leave out what has no name that can be shown, and what comes twice", () => {
    const list = readCheckpoints([
      null,
      5,
      {},
      plain(""),
      plain(" a"),
      plain("a\u0000b"),
      plain("x".repeat(300)),
      plain("模型"),
      plain("twice"),
      plain("twice"),
    ]);
    expect(list?.map(({ name }) => name)).toEqual(["模型", "twice"]);
  });

  it.each([undefined, null, {}, "text", 5])("are not told by %j", (json) => {
    expect(readCheckpoints(json)).toBeUndefined();
  });
});
