/** A notice as it is posted to a caller's webhook. */
export interface WebhookNotice {
  /** The same for each attempt at one notice, so that receivers can tell repeats. */
  readonly id: string;
  readonly at: Date;
  /** JSON. */
  readonly body: string;
}

/** Signs what is posted to the webhooks that callers name. */
export interface WebhookSigner {
  /** The headers by which the receiver knows that it came from here, and unchanged. */
  headers(notice: WebhookNotice): Readonly<Record<string, string>>;
}
