import { createUnderway } from "../../lib/gateway/underway";

const never = () => {
  throw new Error("cut");
};

it("gives what the work gives, and waits for what is under way", async () => {
  const underway = createUnderway();
  let end: (value: string) => void = never;
  const done = underway.track(() => new Promise<string>((resolve) => (end = resolve)), never);
  const settled = underway.settled();
  end("done");
  expect(await done).toBe("done");
  await settled;
  await underway.finish(1_000);
});

it("cuts what is still under way after its time", async () => {
  const underway = createUnderway();
  let cut = 0;
  const end = new AbortController();
  const work = () =>
    new Promise<void>((_resolve, reject) =>
      end.signal.addEventListener("abort", () => reject(new Error("cut"))),
    );
  const done = underway.track(work, () => {
    cut += 1;
    end.abort();
  });
  const failed = expect(done).rejects.toThrow("cut");
  await underway.finish(10);
  await failed;
  expect(cut).toBe(1);
});
