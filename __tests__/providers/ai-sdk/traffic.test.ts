import type { HttpClient } from "../../../lib/ports/http-client";
import { type Resolve, Traffic } from "../../../lib/providers/ai-sdk/fetch/traffic";

const HOME = "http://127.0.0.1:8080/v1";

/** The addresses that were asked for after the first one, or what the last one fails with. */
async function askedFor(url: string, resolve: Resolve): Promise<unknown> {
  const asked: string[] = [];
  const http: HttpClient = {
    async request(request) {
      asked.push(request.url);
      return { status: 200, headers: {}, body: (async function* () {})() };
    },
  };
  const signal = new AbortController().signal;
  const traffic = new Traffic(http, signal, 1_000, resolve);
  await traffic.send({ method: "POST", url: HOME, signal });
  try {
    await traffic.send({ method: "GET", url, signal });
  } catch (error) {
    return error;
  }
  return asked.slice(1);
}

const PUBLIC: Resolve = async () => ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"];

describe("an address that an answer names", () => {
  it.each([
    "https://delivery.vendor.example/picture.png",
    "https://api.us1.vendor.example/v1/result?id=1",
    "https://vendor.example:443/",
    "http://127.0.0.1:8080/elsewhere",
  ])("may be %s", async (url) => {
    expect(await askedFor(url, PUBLIC)).toEqual([url]);
  });

  it("is not looked up again where it is at home", async () => {
    const never: Resolve = () => Promise.reject(new Error("asked"));
    expect(await askedFor(`${HOME}/result`, never)).toEqual([`${HOME}/result`]);
  });

  it.each([
    "http://delivery.vendor.example/picture.png",
    "http://127.0.0.1:8081/",
    "https://127.0.0.1:8080/",
    "https://93.184.215.14/",
    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    "https://vendor.example:8443/",
  ])("may not be %s, whatever its name leads to", async (url) => {
    expect(await askedFor(url, PUBLIC)).toMatchObject({ failure: "blocked", started: "no" });
  });

  it.each([
    [["10.1.2.3"]],
    [["93.184.215.14", "192.168.0.1"]],
    [["127.0.0.1"]],
    [["169.254.169.254"]],
    [["::1"]],
    [["fd00::1"]],
    [["::ffff:10.0.0.1"]],
    [[]],
  ])("may not lead to %j", async (addresses) => {
    const resolve: Resolve = async () => addresses;
    expect(await askedFor("https://inside.vendor.example/", resolve)).toMatchObject({
      failure: "blocked",
      started: "no",
    });
  });

  it("fails like any other name that cannot be resolved", async () => {
    const resolve: Resolve = () => Promise.reject(new Error("ENOTFOUND"));
    expect(await askedFor("https://vendor.example/", resolve)).toMatchObject({
      failure: "dns",
      started: "no",
    });
  });
});
