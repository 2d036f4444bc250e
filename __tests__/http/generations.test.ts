import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

it("answers with a signed link that opens", async () => {
  await start();
  const answer = await generate(host, PROMPT);
  expect(answer.status).toBe(200);
  const body = await jsonOf(answer);
  expect(body).toEqual({
    created: expect.any(Number),
    data: [{ url: expect.stringContaining(`${host.url}/v1/images/files/`) }],
    size: "8x8",
    output_format: "png",
  });
  const file = await fetch(body.data[0].url);
  expect(file.status).toBe(200);
  expect(file.headers.get("content-type")).toBe("image/png");
});

describe("a body that curl -d has declared as a form", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };

  it("is taken when it is JSON", async () => {
    await start();
    expect((await generate(host, PROMPT, form)).status).toBe(200);
  });

  it("is refused when it is a form", async () => {
    await start();
    expect((await generate(host, "model=test-model&prompt=x", form)).status).toBe(415);
  });

  it("is refused without an Authorization header, which a page of another site could leave to cookies", async () => {
    await start({ options: { authenticate: () => ({ id: "ann", capabilities: ["images"] }) } });
    const answer = await fetch(`${host.url}/v1/images/generations`, {
      method: "POST",
      headers: form,
      body: JSON.stringify(PROMPT),
    });
    expect(answer.status).toBe(415);
  });
});
