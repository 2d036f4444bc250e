import type { IncomingMessage, ServerResponse } from "node:http";

/** Node's request with one member that only Express gives it, which keeps other frameworks out at compile time. */
export interface ExpressRequest extends IncomingMessage {
  readonly baseUrl: string;
}

/** Node's response with one member that only Express gives it. */
export interface ExpressResponse extends ServerResponse {
  readonly locals: object;
}

/** Methods, because their parameters are compared both ways: Express' handlers want all of its request, and it gives all. */
interface Handlers {
  handle(request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void): void;
  handleError(
    error: unknown,
    request: ExpressRequest,
    response: ExpressResponse,
    next: (error?: unknown) => void,
  ): void;
}

/**
 * What `app.use` of Express 4 and 5 takes, described without `@types/express`: hosts compile whichever version of it they have, also
 * where another one lies nearer to this package, and adapters that only need the ports compile without it.
 */
export type ExpressMiddleware = Handlers["handle"];

/** The same with the error first, for the end of an app. */
export type ExpressErrorMiddleware = Handlers["handleError"];
