import { createHash } from "node:crypto";

import type { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { isObject, listMember, textMember } from "../../internal/json-shape";
import type { Requests } from "./requests";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const NAMES_AT_ONCE = 1_000;

/** Removes objects; names of none are passed over. */
export async function removeObjects(
  requests: Requests,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { library, bucket } = requests;
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const objects = names.slice(at, at + NAMES_AT_ONCE).map((name) => ({ Key: name }));
    const command = new library.DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: objects, Quiet: true },
    });
    sendContentMd5(command);
    const refused = listMember(await requests.send(command, signal), "Errors")
      .map((each) => textMember(each, "Code") ?? "UnknownError")
      .find((code) => code !== "NoSuchKey");
    if (refused !== undefined) throw refusal(refused);
  }
}

/** With the name that a whole request would have failed with. */
const refusal = (name: string): Error =>
  Object.assign(new Error("The storage has removed some objects only."), { name });

/**
 * The library sends a CRC-32 where this operation has to have a checksum, which MinIO and others that are older do not take.
 *
 * @see https://github.com/aws/aws-sdk-js-v3/issues/6920
 */
function sendContentMd5({ middlewareStack }: DeleteObjectsCommand): void {
  middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (isBodied(request)) {
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name];
        }
        request.headers["content-md5"] = createHash("md5").update(request.body).digest("base64");
      }
      return next(args);
    },
    // After the library's own checksum, before the signature.
    { step: "build", priority: "low", name: "contentMd5", override: true },
  );
}

interface Bodied {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const isBodied = (request: unknown): request is Bodied =>
  isObject(request) && isObject(request["headers"]) && typeof request["body"] === "string";
