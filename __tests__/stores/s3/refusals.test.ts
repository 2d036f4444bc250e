import { describeError } from "../../../lib/core/describe-error";
import { orBucketless, orStoreFull } from "../../../lib/stores/s3/refusals";

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const refusal = (cause: unknown) => failure(orStoreFull(() => Promise.reject(cause)));

/** As the library throws what a storage has said. */
const said = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("the text of the storage, at key AKIASECRET"), {
    name,
    $metadata: { httpStatusCode },
  });

describe("what a storage or the way to it refuses", () => {
  it.each([
    ["NoSuchBucket", said("NoSuchBucket", 404)],
    [
      "ECONNREFUSED",
      Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:9000"), { code: "ECONNREFUSED" }),
    ],
    ["CredentialsProviderError", Object.assign(new Error("no"), { name: "CredentialsProviderError" })],
    ["HTTP403", said("UnknownError", 403)],
    ["HTTP400", said("see http://me:secret@10.0.0.7", 400)],
  ])("is told by its class: %s", async (code, cause) => {
    const error = await refusal(cause);
    expect(error).toMatchObject({ code, message: `The image store cannot write (${code}).`, cause });
    expect(await failure(orBucketless(() => Promise.reject(cause)))).toMatchObject({
      code,
      message: `The image store cannot use its bucket (${code}).`,
    });
    expect(describeError(error)).toMatchObject({ errorCode: code });
  });

  it("names a region that is missing, which has neither code nor status", async () => {
    expect(await refusal(new Error("Region is missing"))).toMatchObject({
      code: "RegionMissing",
      message: "The image store cannot write (Region is missing).",
    });
  });

  it.each([
    new TypeError("fetch of http://me:secret@10.0.0.7"),
    new Error("10.0.0.7"),
    "10.0.0.7",
    undefined,
  ])("has no code where nothing is known: %s", async (cause) => {
    const error = await refusal(cause);
    expect(error).toHaveProperty("message", "The image store cannot write.");
    expect(error).not.toHaveProperty("code");
  });
});
