import { handleOf, refFrom } from "../../../lib/providers/fal/handle";

const BASE = "https://queue.fal.run";
const WORK = "https://queue.fal.run/fal-ai/flux/requests/764cabcf";
const ANSWER = {
  request_id: "764cabcf",
  status_url: `${WORK}/status`,
  response_url: WORK,
  cancel_url: `${WORK}/cancel`,
};

describe("the name of work in the queue", () => {
  it("is stored without the host, and leads back to the addresses as they were given", () => {
    const ref = refFrom(ANSWER, "fal", BASE);
    expect(ref).toEqual({
      provider: "fal",
      id: "764cabcf",
      data: {
        status: "/fal-ai/flux/requests/764cabcf/status",
        response: "/fal-ai/flux/requests/764cabcf",
        cancel: "/fal-ai/flux/requests/764cabcf/cancel",
      },
    });
    expect(ref && handleOf(JSON.parse(JSON.stringify(ref)), BASE)).toEqual({
      id: "764cabcf",
      status: ANSWER.status_url,
      response: ANSWER.response_url,
      cancel: ANSWER.cancel_url,
    });
  });

  it.each([
    ["another host", { status_url: "https://evil.example/a" }],
    ["another port", { response_url: "https://queue.fal.run:8443/a" }],
    ["plain HTTP", { cancel_url: "http://queue.fal.run/a" }],
    ["a host that only begins alike", { status_url: "https://queue.fal.run.evil.example/a" }],
    ["user info", { status_url: "https://me@queue.fal.run/a" }],
    ["no address", { status_url: "/fal-ai/flux/requests/764cabcf/status" }],
    ["no text", { response_url: 5 }],
    ["an id that is none", { request_id: "a/../b" }],
    ["no id", { request_id: "" }],
  ])("is not made of %s", (_name, more) => {
    expect(refFrom({ ...ANSWER, ...more }, "fal", BASE)).toBeUndefined();
  });

  it.each([
    [undefined],
    [{}],
    [{ status: "//evil.example/a" }],
    [{ status: "/\\evil.example/a" }],
    [{ status: "https://evil.example/a" }],
    [{ cancel: "a" }],
  ])("that was tampered with in the store leads nowhere: %j", (more) => {
    const data = { status: "/a", response: "/b", cancel: "/c" };
    const ref = {
      provider: "fal",
      id: "1",
      ...(more && { data: { ...(Object.keys(more).length > 0 && data), ...more } }),
    };
    expect(handleOf(ref, BASE)).toBeUndefined();
  });
});
