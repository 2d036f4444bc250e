import type { S3ImageStoreOptions } from "../../../lib/stores/s3";

describe("the packages that an S3 store needs", () => {
  const CLIENT = "@aws-sdk/client-s3";
  const PRESIGNER = "@aws-sdk/s3-request-presigner";

  afterEach(() => jest.dontMock(CLIENT));

  const failureWithout = (name: string, options: Partial<S3ImageStoreOptions>): unknown => {
    let thrown: unknown;
    jest.isolateModules(() => {
      jest.doMock(name, () => {
        throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
      });
      const { s3ImageStore }: typeof import("../../../lib/stores/s3") = require("../../../lib/stores/s3");
      try {
        s3ImageStore({ bucket: "pictures", ...options });
      } catch (error) {
        thrown = error;
      }
    });
    jest.dontMock(name);
    return thrown;
  };

  it("are named with the remedy when a store is made without them", () => {
    expect(failureWithout(CLIENT, {})).toHaveProperty(
      "message",
      "s3ImageStore() needs the optional package @aws-sdk/client-s3: run `npm install @aws-sdk/client-s3`.",
    );
    expect(failureWithout(PRESIGNER, { links: "presigned" })).toHaveProperty(
      "message",
      expect.stringContaining("run `npm install @aws-sdk/s3-request-presigner`"),
    );
  });

  it("are not needed to import the store, nor the second one where the gateway serves", async () => {
    expect(failureWithout(PRESIGNER, { region: "eu-central-1" })).toBeUndefined();
    jest.isolateModules(() => {
      jest.doMock(CLIENT, () => {
        throw new Error("loaded too early");
      });
      expect(() => require("../../../lib/stores/s3")).not.toThrow();
    });
  });
});
