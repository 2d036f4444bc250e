import type { ImageStore } from "../../../lib/ports";
import { type S3ImageStoreOptions, s3ImageStore } from "../../../lib/stores/s3";
import { type Front, startFront } from "./front";
import { CREDENTIALS, type Storage, startStorage } from "./storage";

export interface Bench {
  readonly storage: Storage;
  readonly front: Front;
  /** A store on that bucket, reached through the front. */
  open(bucket: string, options?: Partial<S3ImageStoreOptions>): ImageStore;
}

/** A storage for the tests of a file; every store is closed with its test. */
export function s3Bench(): Bench {
  let storage: Storage | undefined;
  let front: Front | undefined;
  const opened: ImageStore[] = [];

  beforeAll(async () => {
    storage = await startStorage();
    front = await startFront(storage);
  });

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close?.();
    front?.reset();
  });

  afterAll(async () => {
    await front?.stop();
    await storage?.stop();
  });

  return {
    get storage() {
      return started(storage);
    },
    get front() {
      return started(front);
    },
    open(bucket, options) {
      const { endpoint } = started(front);
      const own = "client" in (options ?? {}) ? {} : { endpoint, credentials: CREDENTIALS };
      const store = s3ImageStore({ bucket, ...own, ...options });
      opened.push(store);
      return store;
    },
  };
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("only inside a test");
  return part;
}
