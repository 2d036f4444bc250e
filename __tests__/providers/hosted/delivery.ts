import { createHash } from "node:crypto";

import { answer, type Upstream, upstream } from "../../support/upstream";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

export interface Delivery extends Pick<Upstream, "url" | "requests" | "close"> {
  /** The address of a picture that follows from the words, whoever asks for it. */
  link(...words: readonly unknown[]): string;
}

/** The host from which a service delivers pictures: another one than that of its API. */
export async function startDelivery(): Promise<Delivery> {
  const server = await upstream((request, response) => {
    const own = createHash("sha256").update(request.path).digest();
    return answer(200, Buffer.concat([PIXEL, own]), { "content-type": "image/png" })(request, response);
  });
  return {
    url: server.url,
    requests: server.requests,
    close: server.close,
    link: (...words) => {
      const name = createHash("sha256").update(words.join(" ")).digest("hex");
      return `${server.url}/${name}/out-0.png`;
    },
  };
}
