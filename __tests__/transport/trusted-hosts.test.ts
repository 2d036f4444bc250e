import { trustedHosts } from "../../lib/transport/trusted-hosts";

describe("trustedHosts", () => {
  it.each([
    ["localai", "localai", 80, true],
    ["localai", "localai", 443, true],
    ["localai", "localai", 8080, false],
    ["localai:8080", "localai", 8080, true],
    ["localai:8080", "localai", 80, false],
    ["LocalAI:8080", "localai", 8080, true],
    ["localai", "sub.localai", 80, false],
    ["10.0.0.5", "10.0.0.5", 80, true],
    ["0xa.5", "10.0.0.5", 80, true],
    ["[::1]:8080", "[::1]", 8080, true],
    ["[0:0::1]", "[::1]", 443, true],
    ["[::1]", "::1", 443, false],
  ])("with %s says of %s on %i: %s", (entry, host, port, trusted) => {
    expect(trustedHosts([entry])(host, port)).toBe(trusted);
  });

  it("trusts nobody by default", () => {
    expect(trustedHosts([])("localhost", 80)).toBe(false);
  });
});
