import { S3Client } from "@aws-sdk/client-s3";

import { type S3ImageStoreOptions, s3ImageStore } from "../../../lib/stores/s3";
import { resolveOptions } from "../../../lib/stores/s3/options";
import { CREDENTIALS } from "./storage";

const client = { send: async () => ({}) };

/** As a host without types might write them. */
const make = (options: object) => () =>
  s3ImageStore({ bucket: "pictures", ...options } as S3ImageStoreOptions);

describe("the options of an S3 store", () => {
  it.each([
    ["bucket", undefined, "must be the name of a bucket"],
    ["bucket", "", "must be the name of a bucket"],
    ["bucket", "no bucket", "must be the name of a bucket"],
    ["client", {}, "must be an S3Client"],
    ["region", "eu central", 'such as "eu-central-1"'],
    ["endpoint", "storage.example", "must be an http or https address"],
    ["endpoint", "ftp://storage.example", "must be an http or https address"],
    ["endpoint", "https://me:secret@storage.example", "without query and user name"],
    ["endpoint", "https://storage.example?a=b", "without query and user name"],
    ["credentials", "key:secret", "with accessKeyId and secretAccessKey"],
    ["credentials", { accessKeyId: "key" }, "with accessKeyId and secretAccessKey"],
    ["credentials", { accessKeyId: "key", secretAccessKey: "" }, "with accessKeyId and secretAccessKey"],
    ["requestTimeoutMs", 0, "a whole number of milliseconds above 0"],
    ["requestTimeoutMs", 1.5, "a whole number of milliseconds above 0"],
    ["prefix", "images", "each with a slash behind it"],
    ["prefix", "/images/", "each with a slash behind it"],
    ["prefix", "../", "each with a slash behind it"],
    ["prefix", "a/./b/", "each with a slash behind it"],
    ["prefix", "a//b/", "each with a slash behind it"],
    ["prefix", "bilder/größe/", "each with a slash behind it"],
    ["ttlSeconds", 0, "above 0"],
    ["ttlSeconds", 1e12, "up to 1000000000"],
    ["maxBytes", -1, "above 0"],
    ["links", "public", 'must be "gateway" or "presigned"'],
    ["clock", 5, "leave it out"],
  ])("refuse %s: %j and say what it has to be", (name, value, remedy) => {
    const making = make({ [name]: value });
    expect(making).toThrow(TypeError);
    expect(making).toThrow(`"${name}"`);
    expect(making).toThrow(remedy);
  });

  it("refuse a misspelt one and say what was meant", () => {
    expect(make({ bukket: "x" })).toThrow("option 'bukket' is unknown; did you mean 'bucket'?");
  });

  it.each([
    ["region", "eu-central-1"],
    ["endpoint", "https://storage.example"],
    ["credentials", CREDENTIALS],
    ["requestTimeoutMs", 5],
  ])("refuse %s beside a client, which has its own", (name, value) => {
    expect(make({ client, [name]: value })).toThrow(`"${name}" is for a client of the store's own`);
  });

  it.each([
    { prefix: "" },
    { prefix: "a/b.c/d=e/" },
    { endpoint: "http://127.0.0.1:9000" },
    { endpoint: "https://storage.example/storage/v1/s3" },
    { credentials: async () => CREDENTIALS },
    { bucket: "arn:aws:s3:eu-central-1:123456789012:accesspoint/pictures" },
    { client },
  ])("take %j", (options) => {
    expect(() => resolveOptions({ bucket: "pictures", ...options })).not.toThrow();
  });

  it("take a client of the library as it is", async () => {
    const own = new S3Client({ region: "eu-central-1", credentials: CREDENTIALS });
    const store = s3ImageStore({ bucket: "pictures", client: own });
    await store.close?.();
    own.destroy();
  });

  it("have defaults", () => {
    expect(resolveOptions({ bucket: "pictures" })).toMatchObject({
      prefix: "images/",
      ttlSeconds: 3600,
      isLimited: false,
      isPresigned: false,
      requestTimeoutMs: 20_000,
      clock: Date.now,
    });
  });
});
