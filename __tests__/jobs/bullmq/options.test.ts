import { resolveOptions } from "../../../lib/jobs/bullmq/options";

const redis = "redis://:secret@127.0.0.1:1";

describe("the options of jobs over Redis", () => {
  it.each([
    [{ redis, retries: 1 }, /bullmqJobs: option 'retries' is unknown/],
    [{}, /"redis" must be/],
    [{ redis: "http://127.0.0.1" }, /"redis" must be/],
    [{ redis: { host: "127.0.0.1", keyPrefix: "a:" } }, /no keyPrefix/],
    [{ redis, role: "boss" }, /"role" must be/],
    [{ redis, prefix: "{a}" }, /"prefix" must be/],
    [{ redis, concurrency: 0 }, /"concurrency" must be/],
    [{ redis, concurrency: { openai: 1.5 } }, /"concurrency.openai" must be/],
    [{ redis, maxQueued: 0 }, /"maxQueued" must be/],
    [{ redis, ttlSeconds: -1 }, /"ttlSeconds" must be/],
    [{ redis, lockSeconds: "30" }, /"lockSeconds" must be/],
    [{ redis, clock: 1 }, /"clock" must be/],
  ])("refuse %j", (options, message) => {
    const resolve = () => Reflect.apply(resolveOptions, undefined, [options]);
    expect(resolve).toThrow(message);
    expect(resolve).toThrow(TypeError);
    expect(resolve).not.toThrow(/secret/);
  });

  it("have defaults, also for providers that are not named", () => {
    expect(resolveOptions({ redis })).toMatchObject({ role: "both", lockSeconds: 30, prefix: "aigw" });
    const { concurrencyOf } = resolveOptions({ redis, concurrency: { default: 2, openai: 8 } });
    expect([concurrencyOf("openai"), concurrencyOf("demo")]).toEqual([8, 2]);
    expect(Reflect.apply(resolveOptions, undefined, [{ redis, role: undefined }]).role).toBe("both");
  });
});
