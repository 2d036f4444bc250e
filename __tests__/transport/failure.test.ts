import { bodyFailure, connectFailure, headFailure, httpError } from "../../lib/transport/failure";

const coded = (code: string, syscall?: string) => Object.assign(new Error("canary"), { code, syscall });

describe("the failure for an error of Node's", () => {
  it.each([
    ["dns", coded("ENOTFOUND", "getaddrinfo"), false],
    ["dns", coded("EAI_AGAIN", "getaddrinfo"), false],
    ["refused", coded("ECONNREFUSED", "connect"), false],
    ["refused", coded("EHOSTUNREACH", "connect"), false],
    ["refused", coded("EMFILE", "connect"), false],
    ["connect_timeout", coded("ETIMEDOUT", "connect"), false],
    ["tls", coded("CERT_HAS_EXPIRED"), true],
    ["tls", coded("ERR_TLS_CERT_ALTNAME_INVALID"), true],
    ["tls", coded("EPROTO", "write"), true],
    ["reset", coded("ECONNRESET"), true],
    ["refused", "no error at all", false],
  ])("while connecting is %s", (failure, error, inHandshake) => {
    expect(connectFailure(error, inHandshake)).toBe(failure);
  });

  it.each([
    ["reset", coded("ECONNRESET", "read")],
    ["reset", coded("EPIPE", "write")],
    ["reset", coded("ETIMEDOUT", "read")],
    ["protocol", coded("HPE_HEADER_OVERFLOW")],
    ["protocol", undefined],
  ])("before the headers is %s", (failure, error) => {
    expect(headFailure(error)).toBe(failure);
  });

  it.each([
    ["truncated", undefined],
    ["reset", coded("ECONNRESET", "read")],
    ["reset", coded("EPIPE", "write")],
    ["protocol", coded("HPE_INVALID_CHUNK_SIZE")],
  ])("in the body is %s", (failure, socketError) => {
    expect(bodyFailure(socketError)).toBe(failure);
  });

  it("says nothing of the error it came from", () => {
    expect({ ...httpError("reset", "maybe") }).toEqual({
      name: "HttpError",
      failure: "reset",
      started: "maybe",
    });
  });
});
