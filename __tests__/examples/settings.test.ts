import { readAccounts } from "../../examples/server/accounts";
import { DEFAULT_KEYS, readSettings } from "../../examples/server/settings";

it("needs nothing, and then offers the published model ids as aliases of the demo provider", () => {
  expect(readSettings({})).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    keys: DEFAULT_KEYS,
    openai: undefined,
    demoAliases: ["dall-e-3", "dall-e-2", "gpt-image-1.5", "stable-diffusion-xl"],
    demoStepMs: 120,
    runningPerKey: 64,
  });
});

it("takes an OpenAI-compatible upstream, and leaves OpenAI's model ids to it", () => {
  const settings = readSettings({ OPENAI_API_KEY: "sk-x", OPENAI_MODELS: "gpt-image-1, dall-e-3" });
  expect(settings.openai).toEqual({
    apiKey: "sk-x",
    baseUrl: undefined,
    models: ["gpt-image-1", "dall-e-3"],
  });
  expect(settings.demoAliases).toEqual([]);
  expect(readSettings({ OPENAI_API_KEY: "sk-x", DEMO_ALIASES: "a,b" }).demoAliases).toEqual(["a", "b"]);
});

it.each([
  ["PORT", "70000"],
  ["PORT", "three"],
  ["DEMO_STEP_MS", "-1"],
  ["MAX_RUNNING_PER_KEY", "0"],
  ["OPENAI_BASE_URL", "localhost:8080"],
  ["SDWEBUI_URL", "gpu:7860"],
  ["PUBLIC_URL", "ftp://x"],
  ["SIGNING_SECRET", "short"],
  ["UPSTREAM_CONNECT_MS", "5s"],
  ["UPSTREAM_MAX_BYTES", "1"],
  ["ROLE", "boss"],
  ["ROLE", "worker"],
  ["REDIS_URL", "localhost:6379"],
  ["REDIS_URL", "redis://localhost:many"],
])("refuses %s=%s by name", (name, value) => {
  expect(() => readSettings({ [name]: value })).toThrow(name);
});

it("lets callers name webhooks where there is a secret to sign with", () => {
  const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  expect(readSettings({}).webhooks).toBeUndefined();
  expect(readSettings({ WEBHOOK_SECRET, WEBHOOK_HOSTS: "127.0.0.1:8080, hooks" }).webhooks).toEqual({
    secret: WEBHOOK_SECRET,
    hosts: ["127.0.0.1:8080", "hooks"],
  });
});

it("refuses hosts of webhooks without a secret, by both names", () => {
  const read = () => readSettings({ WEBHOOK_HOSTS: "127.0.0.1:8080" });
  expect(read).toThrow(/WEBHOOK_HOSTS.*WEBHOOK_SECRET/);
});

it("refuses the public default keys in production", () => {
  expect(() => readSettings({ NODE_ENV: "production" })).toThrow("IMAGE_KEYS");
  expect(readSettings({ NODE_ENV: "production", IMAGE_KEYS: "k=me:images" }).keys).toBe("k=me:images");
});

describe("REDIS_URL", () => {
  const SHARED = {
    REDIS_URL: "redis://127.0.0.1:6379",
    SIGNING_SECRET: "s".repeat(32),
    PUBLIC_URL: "http://127.0.0.1:8080/v1",
    STORE_DIR: "/tmp/pictures",
  };

  it("makes several processes work together", () => {
    const role = { redisUrl: SHARED.REDIS_URL, role: "both", concurrency: 4 };
    expect(readSettings(SHARED).shared).toEqual(role);
    expect(readSettings({ ...SHARED, ROLE: "web", WORKER_CONCURRENCY: "9" }).shared).toEqual({
      ...role,
      role: "web",
      concurrency: 9,
    });
  });

  it.each(["SIGNING_SECRET", "PUBLIC_URL", "STORE_DIR"])("needs %s", (name) => {
    expect(() => readSettings({ ...SHARED, [name]: "" })).toThrow(name);
  });

  it("takes S3 instead of a shared folder", () => {
    const { s3, storeDir } = readSettings({
      ...SHARED,
      STORE_DIR: "",
      S3_BUCKET: "pictures",
      S3_ENDPOINT: "http://127.0.0.1:9000",
    });
    expect([s3, storeDir]).toEqual([{ bucket: "pictures", endpoint: "http://127.0.0.1:9000" }, undefined]);
  });
});

describe("IMAGE_KEYS", () => {
  it("gives each key its principal and capabilities", () => {
    const find = readAccounts("k1=ann:images+admin,k2=bob:");
    expect(find("k1")).toEqual({ id: "ann", capabilities: new Set(["images", "admin"]) });
    expect(find("k2")?.capabilities.size).toBe(0);
    expect(find("k3")).toBeUndefined();
    expect(find("__proto__")).toBeUndefined();
  });

  it("is refused by the number of the entry, never by its text, which is a key", () => {
    expect(() => readAccounts("k1=ann:images,sk-secret")).toThrow(/IMAGE_KEYS: entry 2(?!.*sk-secret)/);
  });
});
