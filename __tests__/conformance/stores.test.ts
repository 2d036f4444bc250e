import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diskStore } from "../../lib/stores/disk";
import { memoryStore } from "../../lib/stores/memory";
import { s3ImageStore } from "../../lib/stores/s3";
import { type ImageStoreConditions, testImageStore } from "../../lib/testing/image-store";
import { runChild } from "../stores/child";
import { CREDENTIALS, type Storage, startStorage } from "../stores/s3/storage";
import { brokenReading } from "./broken-stores/reading";
import { brokenRoom } from "./broken-stores/room";
import { type BrokenStore, over } from "./broken-stores/wrap";
import { brokenWriting } from "./broken-stores/writing";
import { record } from "./recorder";

describe("the memory store", () => {
  testImageStore({ describe, it }, { create: memoryStore });
});

describe("the disk store in a private folder", () => {
  testImageStore({ describe, it }, { create: diskStore });
});

describe("the disk store in a given folder", () => {
  const folders = new WeakMap<object, string>();
  testImageStore(
    { describe, it },
    {
      create: async (conditions) => {
        const directory = await mkdtemp(join(tmpdir(), "stores-"));
        const store = diskStore({ ...conditions, directory });
        folders.set(store, directory);
        return store;
      },
      another: (store, conditions) => diskStore({ ...conditions, directory: folders.get(store) ?? "" }),
      dispose: (store) => rm(folders.get(store) ?? "", { recursive: true }),
    },
  );
});

describe("the S3 store", () => {
  let storage: Storage;
  let folders = 0;
  const prefixes = new WeakMap<object, string>();
  const open = (prefix: string, conditions: ImageStoreConditions) =>
    s3ImageStore({
      ...conditions,
      bucket: "pictures-1",
      endpoint: storage.endpoint,
      credentials: CREDENTIALS,
      prefix,
    });

  beforeAll(async () => {
    storage = await startStorage();
    await storage.newBucket();
  });

  afterAll(() => storage.stop());

  testImageStore(
    { describe, it },
    {
      create: (conditions) => {
        folders += 1;
        const prefix = `${folders}/`;
        const store = open(prefix, conditions);
        prefixes.set(store, prefix);
        return store;
      },
      another: (store, conditions) => open(prefixes.get(store) ?? "", conditions),
    },
  );
});

describe("the suite for image stores", () => {
  const broken: readonly BrokenStore[] = [...brokenReading, ...brokenWriting, ...brokenRoom];
  const caught = new Set<string>();
  let all: string[] = [];

  const run = ({
    create,
    another = (store) => over(store, { close: () => {} }),
  }: Pick<BrokenStore, "create" | "another">) =>
    record((runner) => testImageStore(runner, { create, another, patienceMs: 1_000 }));

  it("passes a store that keeps all rules, and leaves no rule out", async () => {
    const results = await run({ create: memoryStore });
    all = [...results.keys()];
    expect([...results].filter(([, error]) => error !== undefined)).toEqual([]);
    expect(new Set(all.map(ruleOf))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it("runs under node:test as well", async () => {
    const script = `
      const { describe, it } = require("node:test");
      const { memoryStore } = require("./lib/stores/memory");
      const { testImageStore } = require("./lib/testing/image-store");
      testImageStore({ describe, it }, { create: memoryStore });
    `;
    const { code, stdout } = await runChild(script);
    expect(code).toBe(0);
    const alone = await record((runner) => testImageStore(runner, { create: memoryStore }));
    expect(stdout).toMatch(new RegExp(`^\\S+ pass ${alone.size}$`, "m"));
  });

  it.each(broken.map((store) => [store.rule, store.what, store] as const))(
    "of rule %i, and of no other, fails for a store that %s",
    async (rule, _what, store) => {
      const failed = [...(await run(store))]
        .filter(([, error]) => error !== undefined)
        .map(([title]) => title);
      expect(new Set(failed.map(ruleOf))).toEqual(new Set([rule]));
      for (const title of failed) caught.add(title);
    },
  );

  it("has no test that every broken store passes", () => {
    expect(all.filter((title) => !caught.has(title))).toEqual([]);
  });

  const ruleOf = (title: string): number => Number(/^(\d+): /.exec(title)?.[1]);
});
