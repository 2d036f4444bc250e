import { AsyncLocalStorage } from "node:async_hooks";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { isPublicAddress } from "../../../internal/public-address";
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse } from "../../../ports/http-client";

/**
 * Where in its conversation with the upstream a run has failed. `first`: with the request that begins the work, so what that says of
 * it holds. `later`: when the work was begun.
 */
export type Place = "first" | "later" | "unknown";

const CREDENTIAL = /auth|key|token|secret|cookie|signature/i;
/** The addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const bySystem: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

const SCHEME = /^(?:bearer|basic|key|token) +/i;

/** The requests of one run that go through `gatewayFetch`, and what they tell of it afterwards. */
export class Traffic {
  /** Credentials and hosts, which no message may name. */
  readonly secrets = new Set<string>();
  readonly #http: HttpClient;
  readonly #maxBytes: number;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #resolve: Resolve;
  #home: string | undefined;
  #sent = 0;
  #accepted = 0;
  /** Requests that may have begun work: all that were neither refused nor kept from being sent. */
  #doubtful = 0;

  constructor(http: HttpClient, signal: AbortSignal, maxBytes: number, resolve: Resolve = bySystem) {
    this.#http = http;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
  }

  /** @throws HttpError, or the reason of whichever signal aborted, as `fetch` does */
  async send(
    request: Omit<HttpRequest, "maxBytes" | "signal"> & { readonly signal: AbortSignal },
  ): Promise<HttpResponse> {
    await this.#admit(new URL(request.url));
    this.#keepSecret(request);
    const signal = AbortSignal.any([this.#signal, request.signal]);
    this.#sent += 1;
    this.#doubtful += 1;
    try {
      const response = await this.#http.request({ ...request, signal, maxBytes: this.#maxBytes });
      if (response.status >= 200 && response.status < 300) this.#accepted += 1;
      else if (response.status < 500) this.#doubtful -= 1;
      return response;
    } catch (error) {
      if (HttpError.is(error) && error.started === "no") this.#doubtful -= 1;
      signal.throwIfAborted();
      throw error;
    }
  }

  get isUsed(): boolean {
    return this.#sent > 0;
  }

  /** @param status the answer that the run failed with, where it was one */
  placeOf(status: number | undefined): Place {
    if (this.#accepted > 0) return "later";
    // Itself an upstream that broke is doubtful; what its answer says is judged by who asks.
    const itself = status !== undefined && status >= 500 ? 1 : 0;
    return this.#doubtful === itself ? "first" : "unknown";
  }

  /** Ends what is still under way, and whatever a model would send after its run. */
  end(): void {
    this.#end.abort();
  }

  /**
   * The first address of a run comes from the operator. Any other comes from an answer, so it must be https on the usual port, by a name,
   * and the name must be one of public hosts. Should it be another host's a moment later, that has no certificate for it.
   */
  async #admit({ origin, protocol, port, hostname }: URL): Promise<void> {
    this.#home ??= origin;
    if (origin === this.#home) return;
    const isName = !hostname.startsWith("[") && isIP(hostname) === 0;
    if (protocol !== "https:" || port !== "" || !isName) throw blocked();
    const addresses = await this.#resolve(hostname).catch(() => {
      throw new HttpError("dns", "no", "the name of the upstream could not be resolved");
    });
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw blocked();
  }

  #keepSecret({ url, headers = {} }: Pick<HttpRequest, "url" | "headers">): void {
    const { host, searchParams } = new URL(url);
    this.secrets.add(host);
    for (const [name, value] of [...Object.entries(headers), ...searchParams]) {
      if (CREDENTIAL.test(name)) this.secrets.add(value.replace(SCHEME, ""));
    }
  }
}

const blocked = () => new HttpError("blocked", "no", "the address is not one that may be fetched");

/** The traffic of the run that is under way where one asks. */
export const currentTraffic = new AsyncLocalStorage<Traffic>();
