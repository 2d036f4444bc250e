import { HttpError, type HttpResponse } from "../../../ports/http-client";
import { ProviderError } from "../../../ports/provider-error";
import { providerError } from "../faults";
import type { Api, Caller } from "../server/api";
import type { PictureEntry } from "./entries";

const TRIES = 3;

/** Fetches a finished file as it is read. Asking again is safe as long as nothing of it was handed on. */
export async function* openPicture(
  api: Api,
  caller: Caller,
  { filename, subfolder, type }: PictureEntry,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  const path = `/view?${new URLSearchParams({ filename, subfolder, type }).toString()}`;
  for (let left = TRIES - 1; ; left--) {
    let isBegun = false;
    try {
      const { status, body } = await api.open(caller, { method: "GET", path, maxBytes });
      if (status !== 200) throw await refused(status, body);
      for await (const piece of body) {
        isBegun = true;
        yield piece;
      }
      return;
    } catch (error) {
      const isWorthAnother = HttpError.is(error) && error.failure !== "too_large" && !isBegun && left > 0;
      if (!isWorthAnother || caller.signal.aborted) throw providerError(error, caller.signal, "yes");
    }
  }
}

async function refused(status: number, body: HttpResponse["body"]): Promise<ProviderError> {
  await body[Symbol.asyncIterator]().return?.();
  const message =
    status === 404 ? "The picture is no longer on the server." : "The server does not hand out the picture.";
  return new ProviderError("protocol", message, { started: "yes", status });
}
