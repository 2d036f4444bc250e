import { asProviderError, classified } from "../../lib/core/foreign-failure";
import { HttpError, type HttpFailure, ProviderError } from "../../lib/ports";

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

const drained = async (source: AsyncIterable<unknown>) => {
  for await (const _ of source);
};

describe("asProviderError", () => {
  it("gives what the work gives", async () => {
    expect(await asProviderError(() => 1)).toBe(1);
    expect(await asProviderError(async () => 2)).toBe(2);
  });

  it("hands a ProviderError on as it is", async () => {
    const error = new ProviderError("quota", "x", { started: "no" });
    expect(await thrownBy(() => asProviderError(() => Promise.reject(error)))).toBe(error);
  });

  it.each<[string, () => never]>([
    [
      "throws at once",
      () => {
        throw new Error("sk-secret");
      },
    ],
    [
      "throws a text",
      () => {
        throw "sk-secret";
      },
    ],
    [
      "throws nothing",
      () => {
        throw undefined;
      },
    ],
  ])("calls it the provider's own fault when it %s", async (_name, work) => {
    const error = await thrownBy(() => asProviderError(work));
    expect(error).toMatchObject({
      fault: "internal",
      message: "The provider failed.",
      info: { started: "maybe" },
    });
  });

  it.each<[HttpFailure, string]>([
    ["dns", "unavailable"],
    ["refused", "unavailable"],
    ["connect_timeout", "unavailable"],
    ["reset", "unavailable"],
    ["tls", "misconfigured"],
    ["blocked", "misconfigured"],
    ["write_timeout", "timeout"],
    ["first_byte_timeout", "timeout"],
    ["idle_timeout", "timeout"],
    ["total_timeout", "timeout"],
    ["truncated", "protocol"],
    ["too_large", "protocol"],
    ["protocol", "protocol"],
    ["aborted", "cancelled"],
  ])("classifies a failure below HTTP that the adapter let through: %s is %s", async (failure, fault) => {
    for (const started of ["no", "maybe"] as const) {
      const error = await thrownBy(() =>
        asProviderError(() => Promise.reject(new HttpError(failure, started, "at 10.0.0.1"))),
      );
      expect(error).toMatchObject({ fault, info: { started } });
      expect(String(error)).not.toContain("10.0.0.1");
    }
  });
});

describe("classified", () => {
  it("hands on what comes, and classifies what is thrown in between", async () => {
    async function* source() {
      yield 1;
      throw new Error("broken");
    }
    const seen: number[] = [];
    const error = await thrownBy(async () => {
      for await (const each of classified(source)) seen.push(each);
    });
    expect(seen).toEqual([1]);
    expect(error).toMatchObject({ fault: "internal" });
  });

  it("classifies what opening throws, also of something that cannot be opened", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    expect(await thrownBy(() => drained(classified(broken)))).toMatchObject({ fault: "internal" });
    const nothing = () => JSON.parse("null");
    expect(await thrownBy(() => drained(classified(nothing)))).toMatchObject({ fault: "internal" });
  });

  it("counts a connection that breaks after the answer as work that was done", async () => {
    const failing = (failure: HttpFailure) =>
      thrownBy(() => {
        async function* source() {
          yield 1;
          throw new HttpError(failure, "maybe", "x");
        }
        return drained(classified(source));
      });
    expect(await failing("reset")).toMatchObject({ fault: "protocol", info: { started: "yes" } });
    expect(await failing("idle_timeout")).toMatchObject({ fault: "timeout", info: { started: "yes" } });
    expect(await failing("too_large")).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });

  it("takes a list, and is over when it has ended, failed or been left", async () => {
    const seen: number[] = [];
    for await (const each of classified(() => [1, 2])) seen.push(each);
    expect(seen).toEqual([1, 2]);
    let opened = 0;
    const failing = classified(() => {
      opened += 1;
      throw new Error("broken");
    })[Symbol.asyncIterator]();
    await thrownBy(() => failing.next());
    expect(await failing.next()).toEqual({ done: true, value: undefined });
    const left = classified(() => {
      opened += 1;
      return [1];
    })[Symbol.asyncIterator]();
    await left.return?.();
    expect(await left.next()).toEqual({ done: true, value: undefined });
    expect(opened).toBe(1);
  });

  it("closes its source when the reader leaves", async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield 1;
        yield 2;
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of classified(source)) break;
    expect(isClosed).toBe(true);
  });
});
