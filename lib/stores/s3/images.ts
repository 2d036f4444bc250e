import { countMember, member } from "../../internal/json-shape";
import type { ByteRange, Clock, StoredImage } from "../../ports";
import { rangeWithin } from "../range";
import { objectName, parseKey } from "./image-name";
import { imageOf } from "./metadata";
import { isObjectStream, type ObjectStream } from "./object-body";
import { ifThere, orBucketless } from "./refusals";
import type { Requests } from "./requests";

export interface ImagesOptions {
  readonly requests: Requests;
  readonly prefix: string;
  readonly clock: Clock;
}

export interface OpenImage {
  readonly image: StoredImage;
  /** The caller's to destroy. */
  readonly stream: ObjectStream;
  /** Bytes of the stream. */
  readonly length: number;
}

/** The images of a bucket, to be read. What is no key, is expired or is no image of ours is `undefined`. */
export class Images {
  readonly #requests: Requests;
  readonly #prefix: string;
  readonly #clock: Clock;

  constructor({ requests, prefix, clock }: ImagesOptions) {
    this.#requests = requests;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  async find(key: string, signal: AbortSignal): Promise<StoredImage | undefined> {
    if (!this.#isLiving(parseKey(key))) return undefined;
    const { HeadObjectCommand } = this.#requests.library;
    const answer = await this.#ask(new HeadObjectCommand(this.#object(key)), signal);
    return this.#imageOf(key, answer);
  }

  /** @throws RangeError when the range does not lie inside the image */
  async open(key: string, range: ByteRange | undefined, signal: AbortSignal): Promise<OpenImage | undefined> {
    if (range) return this.#openRange(key, range, signal);
    if (!this.#isLiving(parseKey(key))) return undefined;
    const answer = await this.#get(key, signal);
    if (!answer) return undefined;
    const image = this.#imageOf(key, answer);
    if (image) return { image, stream: answer.stream, length: image.bytes };
    answer.stream.destroy();
    return undefined;
  }

  /** What the range means is known once the image is: asked for first, so that no other byte is ever on its way. */
  async #openRange(key: string, range: ByteRange, signal: AbortSignal): Promise<OpenImage | undefined> {
    const image = await this.find(key, signal);
    if (!image) return undefined;
    const { start, end } = rangeWithin(image, range);
    const length = end - start + 1;
    const answer = await this.#get(key, signal, `bytes=${start}-${end}`);
    if (!answer) return undefined;
    if (answer.ContentLength === length) return { image, stream: answer.stream, length };
    answer.stream.destroy();
    throw new Error("The storage did not give the range that was asked for.");
  }

  async #get(key: string, signal: AbortSignal, Range?: string) {
    const { GetObjectCommand } = this.#requests.library;
    const answer = await this.#ask(new GetObjectCommand({ ...this.#object(key), Range }), signal);
    if (answer === undefined) return undefined;
    const stream = member(answer, "Body");
    if (!isObjectStream(stream)) throw new Error("The storage answered without bytes.");
    const [ContentLength, Metadata] = [countMember(answer, "ContentLength"), member(answer, "Metadata")];
    return { stream, ContentLength, Metadata };
  }

  #ask(command: object, signal: AbortSignal): Promise<unknown> {
    return orBucketless(() => ifThere(this.#requests.send(command, signal)), signal);
  }

  #imageOf(key: string, answer: unknown): StoredImage | undefined {
    const image = imageOf(key, answer, countMember(answer, "ContentLength"));
    return this.#isLiving(image) ? image : undefined;
  }

  #isLiving(image: { readonly expiresAt: number } | undefined): boolean {
    return image !== undefined && image.expiresAt > this.#clock();
  }

  #object(key: string) {
    return { Bucket: this.#requests.bucket, Key: objectName(this.#prefix, key) };
  }
}
