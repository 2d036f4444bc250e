import request from "supertest";

import { type HostSetup, startHost, type TestHost } from "../../support/host";
import { scriptedProvider } from "../../support/scripted-provider";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const get = (path: string, key = "sk-ann") =>
  request(host.url).get(`/v1${path}`).set("authorization", `Bearer ${key}`);

it("lists every id once, aliases with what they stand for", async () => {
  await start({
    providers: [
      scriptedProvider(undefined, { id: "sdxl", aliases: ["dall-e-3"], created: 1_700_000_000 }, "first"),
      scriptedProvider(undefined, { id: "sdxl", ownedBy: "me" }, "second"),
      scriptedProvider(undefined, { id: "flux", ownedBy: "me" }, "third"),
    ],
  });
  const answer = await get("/models").expect(200).expect("content-type", /json/);
  expect(answer.body).toEqual({
    object: "list",
    data: [
      { id: "sdxl", object: "model", created: 1_700_000_000, owned_by: "first", ops: ["generate"] },
      {
        id: "dall-e-3",
        object: "model",
        created: 1_700_000_000,
        owned_by: "first",
        ops: ["generate"],
        alias_of: "sdxl",
      },
      { id: "flux", object: "model", created: 0, owned_by: "me", ops: ["generate"] },
    ],
  });
});

it.each(["stability/sd xl", "a%b", "ünï", "a?b#c"])("finds the id '%s', percent-encoded", async (id) => {
  await start({ providers: [scriptedProvider(undefined, { id })] });
  expect((await get(`/models/${encodeURIComponent(id)}`)).body).toEqual({
    id,
    object: "model",
    created: 0,
    owned_by: "scripted",
    ops: ["generate"],
  });
});

it("finds an alias", async () => {
  await start({ providers: [scriptedProvider(undefined, { aliases: ["alias"] })] });
  expect((await get("/models/alias")).body).toMatchObject({ id: "alias", alias_of: "test-model" });
});

it.each(["nope", "__proto__", "constructor", "toString", "TEST-MODEL"])("says 404 to '%s'", async (id) => {
  await start();
  const answer = await get(`/models/${id}`).expect(404);
  expect(answer.body.error).toMatchObject({ code: "model_not_found", param: "model" });
});

it("shows each principal what the host's registry shows it", async () => {
  await start({
    options: {
      providers: {
        candidates: () => [],
        list: ({ principal }) => [{ id: `model of ${principal.id}` }],
      },
    },
  });
  const ids = async (key: string) => {
    const answer = await get("/models", key);
    return answer.body.data.map(({ id }: { id: string }) => id);
  };
  expect(await ids("sk-ann")).toEqual(["model of ann"]);
  expect(await ids("sk-bob")).toEqual(["model of bob"]);
});

it("lists the models of the others when one provider cannot tell its own", async () => {
  const silent = Object.assign(scriptedProvider(undefined, {}, "silent"), {
    models: () => Promise.reject(new Error("down")),
  });
  await start({ providers: [silent, scriptedProvider()] });
  expect((await get("/models")).body.data).toHaveLength(1);
});
