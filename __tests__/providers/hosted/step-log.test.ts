import { stepsIn } from "../../../lib/providers/hosted/step-log";

describe("stepsIn", () => {
  it.each<[string, string, object]>([
    ["the last bar", " 25%|██▌  | 1/4 [00:00<00:01]\n 50%|█████| 2/4 [00:01<00:01]\n", { step: 2, steps: 4 }],
    [
      "a bar that is drawn over",
      "Using seed: 7\n  0%|    | 0/28 [00:00<?]\r 14%|█▍  | 4/28 [00:00<00:02]",
      { step: 4, steps: 28 },
    ],
    [
      "a bar before other words",
      "100%|████| 4/4 [00:01<00:00]\nTotal safe images: 1 out of 1",
      { step: 4, steps: 4 },
    ],
    ["no bar of a download", "Fetching 5 files: 100%|█████| 5/5 [00:01<00:00]", {}],
    ["no bar of layers", "Applying LoRA: 100%|████| 304/304 [00:00<00:00]\n", {}],
    ["no count without an end", "12it [00:03, 3.9it/s]", {}],
    ["no bar without steps", "  0%|    | 0/0 [00:00<?]", {}],
    ["no bar beyond its end", "150%|████| 6/4 [00:00<?]", {}],
    ["no number too long for one", " 50%|█| 1/99999999 [00:00]", {}],
    ["no other text", "Seed: 1/2\n5%", {}],
    ["nothing", "", {}],
  ])("takes %s", (_name, log, steps) => {
    expect(stepsIn(log)).toEqual(steps);
  });

  it("reads the end of a log of any length, in no time", () => {
    const noise = `${"\n".repeat(500_000)}${" ".repeat(500_000)}${"9%|".repeat(200_000)}`;
    const began = performance.now();
    expect(stepsIn(`${noise}\n 50%|█████| 2/4 [00:01<00:01]`)).toEqual({ step: 2, steps: 4 });
    expect(stepsIn(noise)).toEqual({});
    expect(performance.now() - began).toBeLessThan(100);
  });
});
