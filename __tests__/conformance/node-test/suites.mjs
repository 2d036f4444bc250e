/** Every suite of the built package under `node:test`, in an ES module as a host may write it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { demo } from "express-image-gateway/providers/demo";
import { diskStore } from "express-image-gateway/stores/disk";
import { memoryStore } from "express-image-gateway/stores/memory";
import {
  testAuthenticate,
  testCapabilities,
  testImageStore,
  testJobQueue,
  testProvider,
  testRegistry,
} from "express-image-gateway/testing";
// The package does not show it: hosts hand over an array instead.
import { arrayRegistry } from "../../../dist/lib/core/registry/array-registry.js";

const ann = { id: "ann", grants: new Set(["images"]) };
const bob = { id: "bob", grants: new Set() };
const accounts = new Map([
  ["key-of-ann", ann],
  ["key-of-bob", bob],
]);

testProvider({ describe, it }, { create: () => ({ provider: demo({ stepMs: 0, steps: 3 }) }) });

testImageStore({ describe, it }, { create: memoryStore });

const folders = new WeakMap();
testImageStore(
  { describe, it },
  {
    create: async (conditions) => {
      const directory = await mkdtemp(join(tmpdir(), "suites-"));
      const store = diskStore({ ...conditions, directory });
      folders.set(store, directory);
      return store;
    },
    another: (store, conditions) => diskStore({ ...conditions, directory: folders.get(store) }),
    dispose: (store) => rm(folders.get(store), { recursive: true }),
  },
);

testJobQueue({ describe, it }, { create: memoryJobs });

testAuthenticate(
  { describe, it },
  {
    create: () => ({
      authenticate: ({ token }) => accounts.get(token),
      tokens: ["key-of-ann", "key-of-bob"],
    }),
  },
);

testCapabilities(
  { describe, it },
  {
    create: () => ({
      capabilities: { has: (who, capability) => who.grants.has(capability) },
      holder: ann,
      other: bob,
    }),
  },
);

const log = { debug() {}, info() {}, warn() {}, error() {} };
const http = { request: () => Promise.reject(new Error("no network here")) };

testRegistry(
  { describe, it },
  {
    create: () => ({
      registry: arrayRegistry({
        providers: [demo({ aliases: ["dall-e-3"] })],
        probe: (signal) => ({ signal, http, log }),
        clock: Date.now,
        log,
      }),
      principal: ann,
    }),
  },
);
