import { retryAfterMs } from "../../../lib/providers/upstream/retry-after";

const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

describe("retryAfterMs", () => {
  it.each([
    [1_000, { "retry-after": "1" }, ""],
    [1_500, { "retry-after": " 1.5 " }, ""],
    [300, { "retry-after-ms": "300", "retry-after": "1" }, ""],
    [1_000, { "retry-after-ms": "soon", "retry-after": "1" }, ""],
    [30_000, { "retry-after": "Sun, 01 Nov 2026 12:00:30 GMT" }, ""],
    [0, { "retry-after": "Sun, 01 Nov 2026 11:00:00 GMT" }, ""],
    [3_600_000, { "retry-after": "3600" }, ""],
    [3_600_000, { "retry-after": "999999999" }, ""],
    [30_000, {}, "Request was throttled. Your rate limit resets in ~30s."],
    [20_000, {}, "Please try again in 20 seconds."],
    [120_000, {}, "retry after 2 minutes"],
    [250, {}, "try again in 250ms"],
    [undefined, { "retry-after": "soon" }, ""],
    [undefined, { "retry-after": "-5" }, ""],
    [undefined, { "retry-after": "" }, ""],
    [undefined, { "retry-after": "1e9" }, ""],
    [undefined, {}, "try again later, in 5 pictures"],
    [undefined, {}, ""],
  ])("is %p for %j and %j", (expected, headers, text) => {
    expect(retryAfterMs(headers, text, NOW)).toBe(expected);
  });
});
