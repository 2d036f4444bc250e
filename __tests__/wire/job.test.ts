import { toImageJob } from "../../lib/wire/job";
import { jobRecord, storedImage } from "./records";

describe("toImageJob", () => {
  it("shows absent facts as null", () => {
    expect(toImageJob(jobRecord())).toEqual({
      id: `imgjob_${"0".repeat(32)}`,
      object: "image.job",
      model: "m",
      status: "queued",
      progress: 0,
      phase: null,
      step: null,
      steps: null,
      queue_position: null,
      expected_start_at: null,
      client_request_id: null,
      created_at: 1_700_000_000,
      started_at: null,
      completed_at: null,
      expires_at: null,
      images: [],
      warnings: [],
      result: null,
      error: null,
    });
  });

  it("shows what is there, zeros included", () => {
    const job = jobRecord({
      status: "completed",
      progress: 100,
      phase: "saving",
      step: 0,
      steps: 4,
      queuePosition: 1,
      clientRequestId: "c",
      startedAt: 1_700_000_001_000,
      completedAt: 1_700_000_002_999,
      expiresAt: 1_700_000_003_000,
      images: [storedImage()],
      warnings: [{ message: "w" }],
    });
    expect(toImageJob(job)).toMatchObject({
      status: "completed",
      progress: 100,
      phase: "saving",
      step: 0,
      steps: 4,
      queue_position: 1,
      client_request_id: "c",
      started_at: 1_700_000_001,
      completed_at: 1_700_000_002,
      expires_at: 1_700_000_003,
      images: [{ index: 0, content_type: "image/webp", bytes: 1234, width: 640, height: 480 }],
      warnings: [{ message: "w" }],
    });
  });

  it("shows nothing of the prompt, the owner, the provider or the store", () => {
    const job = jobRecord({
      images: [storedImage()],
      refs: [{ provider: "p", id: "upstream-id", call: 0 }],
      error: {
        code: "rate_limit_exceeded",
        message: "slow down",
        type: "rate_limit_error",
        param: null,
        retry: true,
        retryAfterSeconds: 5,
      },
    });
    const shown = toImageJob(job);
    expect(shown.error).toEqual({
      code: "rate_limit_exceeded",
      message: "slow down",
      type: "rate_limit_error",
      param: null,
    });
    expect(JSON.stringify(shown)).not.toMatch(/secret prompt|digest|upstream-id|kkkk|req_1|"p"/);
  });
});
