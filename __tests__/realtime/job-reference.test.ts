import fc from "fast-check";

import { GatewayError } from "../../lib/ports";
import { parseId, parsePreviews, parseReference } from "../../lib/realtime/job-reference";

describe("parsing a payload", () => {
  it.each([
    ["an id", { id: "imgjob_1", other: 1 }, { by: "id", id: "imgjob_1" }],
    ["an id beside null", { id: "x", client_request_id: null }, { by: "id", id: "x" }],
    ["a client request id", { client_request_id: " ~" }, { by: "client_request_id", clientRequestId: " ~" }],
    ["a payload without a prototype", Object.assign(Object.create(null), { id: "x" }), { by: "id", id: "x" }],
  ])("takes %s", (_, payload, expected) => {
    expect(parseReference(payload)).toEqual(expected);
  });

  it("gives a reference or an error for the caller, whatever comes", () => {
    const named = fc.record(
      { id: fc.anything(), client_request_id: fc.anything(), previews: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), named), (payload) => {
        for (const parse of [parseReference, parseId, parsePreviews]) {
          try {
            parse(payload);
          } catch (error) {
            if (!GatewayError.is(error)) throw error;
            expect(error.status).toBe(400);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
