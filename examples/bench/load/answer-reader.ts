type Part = "status" | "headers" | "body" | "size" | "chunk" | "gap" | "trailers" | "done";

const NEWLINE = 0x0a;

/**
 * Reads one HTTP/1.1 answer off a connection: what it needs to know of its head, and its body with a length or in chunks.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6
 */
export class AnswerReader {
  readonly #onBody: (piece: Buffer) => void;
  #part: Part = "status";
  #line = "";
  #left = 0;
  #isChunked = false;
  #length: number | undefined;
  status = 0;

  /** @param onBody called with each piece of the body; the bytes are not its own */
  constructor(onBody: (piece: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** Takes what came; `true` when that was the end of the answer. */
  feed(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#part === "body" || this.#part === "chunk") {
        const stop = Math.min(bytes.length, at + this.#left);
        this.#onBody(bytes.subarray(at, stop));
        this.#left -= stop - at;
        at = stop;
        if (this.#left === 0) this.#part = this.#part === "body" ? "done" : "gap";
        continue;
      }
      if (this.#part === "done") throw new Error("the server sent more than its answer");
      const newline = bytes.indexOf(NEWLINE, at);
      const stop = newline === -1 ? bytes.length : newline + 1;
      this.#line += bytes.toString("latin1", at, stop);
      at = stop;
      if (newline !== -1) this.#takeLine();
    }
    return this.#part === "done";
  }

  #takeLine(): void {
    const line = this.#line.trimEnd();
    this.#line = "";
    switch (this.#part) {
      case "status":
        this.status = Number(line.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
        this.#part = "headers";
        break;
      case "headers":
        if (line === "") this.#part = this.#afterHead();
        else this.#takeHeader(line.toLowerCase());
        break;
      case "size":
        this.#left = Number.parseInt(line, 16);
        this.#part = this.#left === 0 ? "trailers" : "chunk";
        break;
      case "gap":
        this.#part = "size";
        break;
      case "trailers":
        if (line === "") this.#part = "done";
        break;
    }
  }

  #takeHeader(header: string): void {
    if (header.startsWith("content-length:")) this.#length = Number(header.slice("content-length:".length));
    if (header.startsWith("transfer-encoding:")) this.#isChunked = header.endsWith("chunked");
  }

  #afterHead(): Part {
    if (this.#isChunked) return "size";
    if (this.#length === undefined) throw new Error("the server did not say how long its answer is");
    this.#left = this.#length;
    return this.#length === 0 ? "done" : "body";
  }
}
