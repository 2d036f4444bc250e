import { GatewayError } from "../../lib/ports";
import { fromJobError, toJobError } from "../../lib/ports/job-error";

describe("toJobError and fromJobError", () => {
  it("bring an error into a record and back", () => {
    const error = new GatewayError("rate_limit_exceeded", "slow down", {
      param: "n",
      retry: false,
      retryAfterSeconds: 3,
      cause: new Error("secret"),
    });
    const kept = toJobError(error);
    expect(JSON.parse(JSON.stringify(kept))).toEqual({
      code: "rate_limit_exceeded",
      message: "slow down",
      type: "rate_limit_error",
      param: "n",
      retry: false,
      retryAfterSeconds: 3,
    });
    const back = fromJobError(kept);
    expect(back).toMatchObject({ status: 429, retry: false, retryAfterSeconds: 3, param: "n" });
    expect(back.cause).toBeUndefined();
    expect(fromJobError(toJobError(new GatewayError("internal_error", "x")))).toMatchObject({ param: null });
  });
});
