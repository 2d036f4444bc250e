import type * as ClientS3 from "@aws-sdk/client-s3";
import { missingPackage } from "../../internal/optional";
import type { S3ClientLike } from "./connection";

/** What `require("@aws-sdk/client-s3")` gives. */
export type S3Library = typeof ClientS3;

/** What is used of `@aws-sdk/s3-request-presigner`. */
export interface Presigner {
  getSignedUrl(
    client: S3ClientLike,
    command: object,
    options: { readonly expiresIn: number },
  ): Promise<string>;
}

/**
 * Loads the client library when a store is made, so that the package loads without it.
 *
 * @throws Error that names the remedy when it is not installed
 */
export function loadS3(): S3Library {
  try {
    const library: S3Library = require("@aws-sdk/client-s3");
    return library;
  } catch (error) {
    throw missingPackage("s3ImageStore()", "@aws-sdk/client-s3", error);
  }
}

/** @throws Error that names the remedy when it is not installed */
export function loadPresigner(): Presigner {
  try {
    const library: Presigner = require("@aws-sdk/s3-request-presigner");
    return library;
  } catch (error) {
    throw missingPackage('s3ImageStore({ links: "presigned" })', "@aws-sdk/s3-request-presigner", error);
  }
}
