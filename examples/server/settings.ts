/** What the environment may say; every wrong value is refused by the name of its variable. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly keys: string;
  readonly openai: OpenAISettings | undefined;
  readonly comfyui: ComfyUISettings | undefined;
  /** AUTOMATIC1111's web UI, or Forge. */
  readonly sdwebuiUrl: string | undefined;
  readonly demoAliases: readonly string[];
  readonly demoStepMs: number;
  readonly runningPerKey: number;
  readonly publicUrl: string | undefined;
  readonly storeDir: string | undefined;
  readonly s3: S3Settings | undefined;
  readonly signingSecret: string | undefined;
  /** Callers may name webhooks. */
  readonly webhooks: WebhookSettings | undefined;
  /** Several processes work together over one Redis. */
  readonly shared: SharedSettings | undefined;
  readonly upstream: {
    readonly connectMs: number | undefined;
    readonly firstByteMs: number | undefined;
    readonly idleMs: number | undefined;
    readonly totalMs: number | undefined;
    readonly maxBytes: number | undefined;
  };
}

export interface OpenAISettings {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly models: readonly string[];
}

export interface ComfyUISettings {
  readonly urls: readonly string[];
  /** A folder of API-format workflows, one model each, named after the file. */
  readonly workflows: string;
}

/** Credentials come as the AWS SDK finds them. */
export interface S3Settings {
  readonly bucket: string;
  /** A storage other than Amazon's. */
  readonly endpoint: string | undefined;
}

export interface WebhookSettings {
  readonly secret: string;
  /** Private `host` or `host:port` names that callers may name. */
  readonly hosts: readonly string[];
}

export interface SharedSettings {
  readonly redisUrl: string;
  readonly role: "web" | "worker" | "both";
  /** Jobs at once in this process. */
  readonly concurrency: number;
}

export const DEFAULT_KEYS = "aigw_sk_demo=demo:images,aigw_sk_other=other:images,aigw_sk_nocap=nocap:";

/** What the examples of the documentation ask for, and what the SDKs do: a variation without a model is for `dall-e-2`. */
const DEFAULT_ALIASES: readonly string[] = ["dall-e-3", "dall-e-2", "gpt-image-1.5", "stable-diffusion-xl"];

/** @throws Error naming the variable and what it may be */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const list = (name: string): readonly string[] | undefined =>
    text(name)
      ?.split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "");
  const whole = (name: string, min: number, max: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (/^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not '${value}'.`);
  };
  const address = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined || /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ""))
      return value;
    throw new Error(`${name} must be an http or https address, not '${value}'.`);
  };

  const apiKey = text("OPENAI_API_KEY");
  const baseUrl = address("OPENAI_BASE_URL");
  const hasOpenAI = apiKey !== undefined || baseUrl !== undefined;
  const keys = text("IMAGE_KEYS");
  if (keys === undefined && env["NODE_ENV"] === "production") {
    throw new Error("IMAGE_KEYS must be set when NODE_ENV=production: the default keys are public.");
  }
  const signingSecret = text("SIGNING_SECRET");
  if (signingSecret !== undefined && Buffer.byteLength(signingSecret) < 32) {
    throw new Error("SIGNING_SECRET must have at least 32 bytes.");
  }
  const comfyUrls = list("COMFYUI_URL");
  const workflows = text("COMFYUI_WORKFLOWS");
  if (comfyUrls !== undefined && workflows === undefined) {
    throw new Error("COMFYUI_WORKFLOWS must name a folder of API-format workflows when COMFYUI_URL is set.");
  }
  const role = text("ROLE") ?? "both";
  if (role !== "web" && role !== "worker" && role !== "both") {
    throw new Error(`ROLE must be web, worker or both, not '${role}'.`);
  }
  const redisUrl = text("REDIS_URL");
  if (redisUrl !== undefined && (!/^rediss?:\/\/./.test(redisUrl) || !URL.canParse(redisUrl))) {
    throw new Error("REDIS_URL must be a redis:// or rediss:// address.");
  }
  if (redisUrl === undefined && role !== "both") {
    throw new Error(`ROLE=${role} needs REDIS_URL: without it jobs stay in one process.`);
  }
  const bucket = text("S3_BUCKET");
  if (redisUrl !== undefined) {
    const missing = ["SIGNING_SECRET", "PUBLIC_URL"].filter((name) => text(name) === undefined);
    if (text("STORE_DIR") === undefined && bucket === undefined) missing.push("STORE_DIR (or S3_BUCKET)");
    if (missing.length > 0) {
      throw new Error(`${missing.join(", ")} must be set with REDIS_URL: all processes share them.`);
    }
  }
  const webhookSecret = text("WEBHOOK_SECRET");
  const webhookHosts = list("WEBHOOK_HOSTS");
  if (webhookHosts !== undefined && webhookSecret === undefined) {
    throw new Error("WEBHOOK_HOSTS needs WEBHOOK_SECRET: without it there are no webhooks.");
  }
  const tooLong = 86_400_000;
  return {
    host: text("HOST") ?? "127.0.0.1",
    port: whole("PORT", 0, 65_535) ?? 3000,
    keys: keys ?? DEFAULT_KEYS,
    openai: hasOpenAI ? { apiKey, baseUrl, models: list("OPENAI_MODELS") ?? [] } : undefined,
    comfyui: comfyUrls === undefined || workflows === undefined ? undefined : { urls: comfyUrls, workflows },
    sdwebuiUrl: address("SDWEBUI_URL"),
    demoAliases: list("DEMO_ALIASES") ?? (apiKey === undefined ? DEFAULT_ALIASES : []),
    demoStepMs: whole("DEMO_STEP_MS", 0, 60_000) ?? 120,
    runningPerKey: whole("MAX_RUNNING_PER_KEY", 1, 100_000) ?? 64,
    publicUrl: address("PUBLIC_URL"),
    storeDir: text("STORE_DIR"),
    s3: bucket === undefined ? undefined : { bucket, endpoint: address("S3_ENDPOINT") },
    webhooks: webhookSecret === undefined ? undefined : { secret: webhookSecret, hosts: webhookHosts ?? [] },
    shared:
      redisUrl === undefined
        ? undefined
        : { redisUrl, role, concurrency: whole("WORKER_CONCURRENCY", 1, 10_000) ?? 4 },
    signingSecret,
    upstream: {
      connectMs: whole("UPSTREAM_CONNECT_MS", 1, 600_000),
      firstByteMs: whole("UPSTREAM_FIRST_BYTE_MS", 1, tooLong),
      idleMs: whole("UPSTREAM_IDLE_MS", 1, tooLong),
      totalMs: whole("UPSTREAM_TOTAL_MS", 1, tooLong),
      maxBytes: whole("UPSTREAM_MAX_BYTES", 1024, 1_073_741_824),
    },
  };
}
