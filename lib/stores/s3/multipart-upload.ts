import { textMember } from "../../internal/json-shape";
import type { headersOf } from "./metadata";
import type { Requests } from "./requests";

interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

/**
 * An object that is sent in parts and appears whole, when it is completed.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class MultipartUpload {
  readonly #requests: Requests;
  readonly #about: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
  readonly #parts: Part[] = [];

  private constructor(requests: Requests, name: string, id: string) {
    this.#requests = requests;
    this.#about = { Bucket: requests.bucket, Key: name, UploadId: id };
  }

  static async begin(
    requests: Requests,
    name: string,
    headers: ReturnType<typeof headersOf>,
    signal: AbortSignal,
  ): Promise<MultipartUpload> {
    const { library, bucket } = requests;
    const command = new library.CreateMultipartUploadCommand({ Bucket: bucket, Key: name, ...headers });
    const id = textMember(await requests.send(command, signal), "UploadId");
    if (id === undefined) throw new Error("The storage began an upload without an id.");
    return new MultipartUpload(requests, name, id);
  }

  /** All parts but the last are of one size, 5 MiB or more. The bytes are the caller's again afterwards. */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { UploadPartCommand } = this.#requests.library;
    const PartNumber = this.#parts.length + 1;
    const about = { ...this.#about, PartNumber, Body: bytes };
    const answer = await this.#requests.sendBytes(new UploadPartCommand(about), signal);
    const ETag = textMember(answer, "ETag");
    if (ETag === undefined) throw new Error("The storage took a part and did not name it.");
    this.#parts.push({ PartNumber, ETag });
  }

  async complete(signal: AbortSignal): Promise<void> {
    const { CompleteMultipartUploadCommand } = this.#requests.library;
    const about = { ...this.#about, MultipartUpload: { Parts: this.#parts } };
    await this.#requests.send(new CompleteMultipartUploadCommand(about), signal);
  }

  async abort(signal: AbortSignal): Promise<void> {
    await this.#requests.send(new this.#requests.library.AbortMultipartUploadCommand(this.#about), signal);
  }
}
