import { isFatal, toGatewayError } from "../../lib/core/faults";
import { type ErrorCode, type Fault, ProviderError, type ProviderErrorInfo } from "../../lib/ports";

const answerTo = (fault: Fault, info: Partial<ProviderErrorInfo> = {}) =>
  toGatewayError(new ProviderError(fault, "what the adapter says", { started: "no", ...info }));

type Row = readonly [code: ErrorCode, status: number, retry: boolean];

/** What a caller is told, by how sure it is that nothing was begun. */
const TABLE: Record<Fault, { readonly no: Row; readonly maybe: Row; readonly yes: Row }> = {
  invalid_request: same("invalid_request", 400),
  unsupported_param: same("unsupported_parameter", 400),
  content_policy: same("content_policy_violation", 400),
  auth: same("upstream_auth_error", 502),
  quota: same("provider_unavailable", 503),
  rate_limit: busy("rate_limit_exceeded", 429),
  overloaded: busy("provider_unavailable", 503),
  unavailable: begun("upstream_error", 502),
  timeout: begun("upstream_timeout", 504),
  cancelled: same("job_cancelled", 410),
  not_found: same("provider_misconfigured", 502),
  misconfigured: same("provider_misconfigured", 502),
  protocol: same("upstream_invalid_response", 502),
  internal: same("upstream_error", 502),
};

function same(code: ErrorCode, status: number) {
  const row: Row = [code, status, false];
  return { no: row, maybe: row, yes: row };
}

function busy(code: ErrorCode, status: number) {
  const paid: Row = [code, status, false];
  return { no: [code, status, true] as const, maybe: paid, yes: paid };
}

function begun(code: ErrorCode, status: number) {
  const paid: Row = [code, status, false];
  return { no: ["provider_unavailable", 503, true] as const, maybe: paid, yes: paid };
}

const rows = Object.entries(TABLE).flatMap(([fault, by]) =>
  (["no", "maybe", "yes"] as const).map((started) => [fault, started, ...by[started]] as const),
);
const isFault = (name: string): name is Fault => name in TABLE;

describe("toGatewayError", () => {
  it.each(rows)("answers %s, started: %s, with %s (%i, retry: %s)", (fault, started, code, status, retry) => {
    if (!isFault(fault)) throw new Error("no such fault");
    expect(answerTo(fault, { started })).toMatchObject({ code, status, retry });
  });

  it("asks to wait only where a repeat is safe", () => {
    for (const [fault, started, , , retry] of rows) {
      if (!isFault(fault)) throw new Error("no such fault");
      expect(answerTo(fault, { started, retryAfterMs: 1500 }).retryAfterSeconds).toBe(retry ? 2 : undefined);
    }
  });

  it("heeds an upstream that says not to ask again", () => {
    expect(answerTo("rate_limit", { upstreamSaysRetry: false })).toMatchObject({ retry: false });
    expect(answerTo("overloaded", { upstreamSaysRetry: false })).toMatchObject({ retry: false });
    expect(answerTo("content_policy", { upstreamSaysRetry: true })).toMatchObject({ retry: false });
    expect(answerTo("timeout", { upstreamSaysRetry: true, started: "maybe" })).toMatchObject({
      retry: false,
    });
  });

  it.each([
    [undefined, 5],
    [0, 0],
    [1, 1],
    [20_000, 20],
    [3_600_000, 60],
    [Number.POSITIVE_INFINITY, 60],
    [Number.NaN, 5],
    [-1, 5],
  ])("asks to wait %s ms as %i seconds", (retryAfterMs, seconds) => {
    const info = retryAfterMs === undefined ? {} : { retryAfterMs };
    expect(answerTo("rate_limit", info).retryAfterSeconds).toBe(seconds);
    expect(answerTo("overloaded", info).retryAfterSeconds).toBe(seconds);
  });

  it("names the field at fault only where the caller can mend it", () => {
    expect(answerTo("invalid_request", { param: "size" }).param).toBe("size");
    expect(answerTo("unsupported_param", { param: "style" }).param).toBe("style");
    expect(answerTo("auth", { param: "size" }).param).toBeNull();
  });

  it("tells callers nothing of the gateway's own credentials and setup", () => {
    for (const fault of ["auth", "not_found", "misconfigured"] as const) {
      expect(answerTo(fault).message).not.toContain("what the adapter says");
    }
    expect(answerTo("content_policy").message).toBe("what the adapter says");
  });
});

describe("isFatal", () => {
  it("is what the other calls of the job would meet too", () => {
    const fatal = Object.keys(TABLE).filter(
      (fault) => isFault(fault) && isFatal(new ProviderError(fault, "", { started: "no" })),
    );
    expect(fatal).toEqual([
      "invalid_request",
      "unsupported_param",
      "content_policy",
      "auth",
      "quota",
      "cancelled",
      "not_found",
      "misconfigured",
    ]);
  });
});
