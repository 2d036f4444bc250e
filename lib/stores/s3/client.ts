import type { S3Client } from "@aws-sdk/client-s3";
import { defined } from "../../internal/defined";
import type { Connection, S3ClientLike } from "./connection";
import type { S3Library } from "./library";

/** How often one request is made before it has failed; the library waits between them, ever longer. */
export const ATTEMPTS = 4;

const CONNECT_MS = 5_000;

/** The slots of the gateway are the limit: a download that is read slowly must not keep a picture from being stored. */
const AGENT = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };

export interface Connected {
  readonly client: S3ClientLike;
  /** Lets go of what is the store's own. */
  end(): void;
}

/** A client of the host's stays as it is. */
export function connect(library: S3Library, by: { readonly client: S3ClientLike } | Connection): Connected {
  if ("client" in by) return { client: by.client, end: () => {} };
  const client = createClient(library, by);
  return { client, end: () => client.destroy() };
}

function createClient(
  { S3Client }: S3Library,
  { region, endpoint, credentials, requestTimeoutMs }: Connection,
): S3Client {
  return new S3Client(
    defined({
      ...regionOf(region, endpoint),
      // Names of buckets are rarely names of hosts where somebody runs a server of their own.
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      credentials,
      maxAttempts: ATTEMPTS,
      // Content-MD5 is sent instead: every server of the protocol knows it, and some refuse what is newer.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // It would take a new connection for each part.
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: AGENT,
        httpsAgent: AGENT,
      },
    }),
  );
}

/** Without an endpoint the library finds out. With one its name hardly matters, but the signature needs one. */
function regionOf(region: string | undefined, endpoint: string | undefined): { readonly region?: string } {
  if (region !== undefined) return { region };
  return endpoint === undefined ? {} : { region: "us-east-1" };
}
