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
