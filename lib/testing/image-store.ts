import assert from "node:assert/strict";

import type { ImageStore, MaybePromise } from "../ports";

import { type Bench, type ImageStoreConditions, type StoreTest, TTL_SECONDS } from "./image-store/bench";
import { closingTests } from "./image-store/closing";
import { readingTests } from "./image-store/reading";
import { roomTests } from "./image-store/room";
import { writingTests } from "./image-store/writing";
import type { TestRunner } from "./test-runner";

export type { ImageStoreConditions } from "./image-store/bench";

export interface ImageStoreSubject<S extends ImageStore = ImageStore> {
  /** A fresh store that shares nothing with any other. */
  create(conditions: ImageStoreConditions): MaybePromise<S>;
  /** Another instance on the storage of `store`, as another process would have it. Absent: there can be none. */
  another?(store: S, conditions: ImageStoreConditions): MaybePromise<ImageStore>;
  /** Called once the store and its other instances are closed. */
  dispose?(store: S): MaybePromise<void>;
  /**
   * How long something may take that must not wait for its caller.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
}

/**
 * Proves that a store keeps the rules of {@link ImageStore}. Each title begins with the number of its rule.
 *
 * @example
 * testImageStore({ describe, it }, { create: (conditions) => memoryStore(conditions) });
 */
export function testImageStore<S extends ImageStore>(
  runner: TestRunner,
  subject: ImageStoreSubject<S>,
): void {
  const tests = [...readingTests, ...writingTests, ...roomTests, ...closingTests];
  runner.describe("the rules of an image store", () => {
    for (const test of tests) {
      if (test.needsAnother && !subject.another) continue;
      runner.it(test.title, () => runOn(subject, test));
    }
  });
}

async function runOn<S extends ImageStore>(subject: ImageStoreSubject<S>, test: StoreTest): Promise<void> {
  const time = { now: Date.UTC(2030, 0, 1) };
  const { maxBytes = 1_000_000 } = test;
  const conditions: ImageStoreConditions = { clock: () => time.now, ttlSeconds: TTL_SECONDS, maxBytes };
  const soon: Bench["soon"] = (work) => within(subject.patienceMs ?? 5_000, work);
  const store = await subject.create(conditions);
  const instances: ImageStore[] = [store];
  const another = async (): Promise<ImageStore> => {
    const other = (await subject.another?.(store, conditions)) ?? store;
    instances.push(other);
    await other.ready?.();
    return other;
  };
  try {
    await store.ready?.();
    await test.run({ store, time, another: subject.another && another, soon });
  } finally {
    for (const instance of instances) await soon(instance.close?.());
    await subject.dispose?.(store);
  }
}

async function within<T>(ms: number, work: PromiseLike<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `not done after ${ms} ms` })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
