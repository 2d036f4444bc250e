import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";

// That the library will ask for a newer Node some day is no news for whoever reads the results of tests.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const PYTHON = join(__dirname, "../../../.cache/venv/bin/python");

export const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "not-a-secret" };

/** A storage that speaks S3: moto, in a process of its own. */
export interface Storage {
  readonly endpoint: string;
  /** Past the store: to put in place and to look. */
  readonly client: S3Client;
  newBucket(): Promise<string>;
  names(bucket: string): Promise<string[]>;
  /** Uploads in parts that are neither completed nor aborted. */
  uploads(bucket: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startStorage(): Promise<Storage> {
  const server = spawn(PYTHON, ["-B", join(__dirname, "moto_server.py")]);
  const endpoint = `http://127.0.0.1:${await portOf(server)}`;
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: CREDENTIALS,
  });
  let buckets = 0;
  return {
    endpoint,
    client,
    async newBucket() {
      buckets += 1;
      const bucket = `pictures-${buckets}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return bucket;
    },
    async names(bucket) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async uploads(bucket) {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.length;
    },
    async stop() {
      client.destroy();
      const closed = once(server, "close");
      server.stdin.end();
      await closed;
    },
  };
}

async function portOf(server: ChildProcessWithoutNullStreams): Promise<number> {
  let complaint = "";
  const hear = (text: unknown) => {
    complaint += text;
  };
  server.stderr.on("data", hear);
  server.on("error", hear);
  for await (const line of createInterface(server.stdout)) if (/^\d+$/.test(line)) return Number(line);
  throw new Error(`the storage did not start: ${complaint}`);
}
