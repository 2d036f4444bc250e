/** What is used of an `S3Client`; written out so that its types are not needed. */
export interface S3ClientLike {
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** As the library knows them. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** How the store's own client reaches the storage. */
export interface Connection {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>) | undefined;
  readonly requestTimeoutMs: number;
}
