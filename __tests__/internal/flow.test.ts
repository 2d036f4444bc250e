import { Flow } from "../../lib/internal/flow";
import { END, forEach } from "../../lib/internal/supply";
import { Bursts } from "../support/bursts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function* each(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function read(source: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const piece of source) texts.push(Buffer.from(piece).toString());
  return texts;
}

/** A source that tells whether it was closed. */
function watched(next: () => Promise<IteratorResult<Uint8Array>>) {
  const told = { returned: 0 };
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        told.returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, told };
}

const upper = { piece: (piece: Uint8Array) => bytes(Buffer.from(piece).toString().toUpperCase()) };
const append = (text: string) => ({ piece: (piece: Uint8Array) => Buffer.concat([piece, bytes(text)]) });

describe("Flow", () => {
  it("gives what the source gives, empty pieces left out", async () => {
    expect(await read(Flow.from(each("a", "", "b")))).toEqual(["a", "b"]);
  });

  it("takes each piece through the stages in their order", async () => {
    const flow = Flow.from(each("a", "b")).through(append("x")).through(upper).through(append("y"));
    expect(await read(flow)).toEqual(["AXy", "BXy"]);
  });

  it("lets a stage keep a piece back and give it at the end, through the stages behind it", async () => {
    let kept = "";
    const keeping = {
      piece: (piece: Uint8Array) => {
        kept += Buffer.from(piece).toString();
        return bytes("");
      },
      end: async () => bytes(kept),
    };
    expect(await read(Flow.from(each("a", "b")).through(keeping).through(upper))).toEqual(["AB"]);
  });

  it("is no second flow around one that it is given", () => {
    const flow = Flow.from(each());
    expect(Flow.from(flow)).toBe(flow);
  });

  it("tells each stage once that all was read", async () => {
    const told: boolean[] = [];
    const flow = Flow.from(each("a")).through({ over: (isWhole) => told.push(isWhole) });
    expect(await read(flow)).toEqual(["a"]);
    await flow.return();
    expect(await flow.next()).toEqual({ done: true, value: undefined });
    expect(told).toEqual([true]);
  });

  it.each([
    ["after some of it", 1],
    ["before any of it", 0],
  ])("closes its source when it is left %s", async (_when, reads) => {
    const { source, told } = watched(async () => ({ done: false, value: bytes("a") }));
    const ends: boolean[] = [];
    const flow = Flow.from(source).through({ over: (isWhole) => ends.push(isWhole) });
    for (let count = 0; count < reads; count += 1) await flow.next();
    await flow.return();
    expect(told.returned).toBe(1);
    expect(ends).toEqual([false]);
    expect(await flow.next()).toEqual({ done: true, value: undefined });
  });

  it("lets every stage say what the failure of its source means, one after the other", async () => {
    const { source, told } = watched(() => Promise.reject(new Error("reset")));
    const ends: boolean[] = [];
    const naming = (name: string) => ({ broken: (error: unknown) => new Error(name, { cause: error }) });
    const flow = Flow.from(source)
      .through(naming("first"))
      .through({ ...naming("second"), over: (isWhole) => ends.push(isWhole) });
    const error: unknown = await flow.next().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: "second",
      cause: { message: "first", cause: { message: "reset" } },
    });
    expect(told.returned).toBe(1);
    expect(ends).toEqual([false]);
    expect(await flow.next()).toEqual({ done: true, value: undefined });
  });

  it.each(["piece", "end"] as const)(
    "asks only those behind a stage that fails in its %s",
    async (member) => {
      const { source, told } = watched(
        jest
          .fn()
          .mockResolvedValueOnce({ done: false, value: bytes("a") })
          .mockResolvedValue({ done: true }),
      );
      const failing = {
        [member]: () => {
          throw new Error("wrong");
        },
      };
      const flow = Flow.from(source)
        .through({ broken: () => new Error("not asked") })
        .through({ ...failing, broken: () => new Error("nor itself") })
        .through({ broken: (error) => new Error("asked", { cause: error }) });
      await expect(read(flow)).rejects.toMatchObject({ message: "asked", cause: { message: "wrong" } });
      expect(told.returned).toBe(1);
    },
  );

  it("asks those behind a stage that fails at a piece at hand, once", async () => {
    const source = new Bursts([[bytes("a"), bytes("b"), bytes("c")]]);
    const failing = {
      piece(piece: Uint8Array) {
        if (Buffer.from(piece).toString() === "b") throw new Error("no b");
        return piece;
      },
      broken: () => new Error("asked of itself"),
    };
    const broken = jest.fn((cause: unknown) => new Error("explained", { cause }));
    const over = jest.fn();
    const flow = Flow.from(source).through(failing).through({ broken, over });
    const seen: string[] = [];
    const reading = forEach(flow, (piece) => void seen.push(Buffer.from(piece).toString()));
    await expect(reading).rejects.toMatchObject({ message: "explained", cause: { message: "no b" } });
    expect(seen).toEqual(["a"]);
    expect(broken).toHaveBeenCalledTimes(1);
    expect(over.mock.calls).toEqual([[false]]);
    expect(source.asked.return).toBe(1);
    expect(await flow.next()).toEqual({ done: true, value: undefined });
  });

  it("hands nothing on that comes after it was left", async () => {
    const flow = Flow.from(new Bursts([[bytes("a")], [bytes("b")]]));
    const pending = flow.next();
    await flow.return();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it("passes over what a stage keeps back, also at hand", async () => {
    const source = new Bursts([[bytes("a"), bytes("b"), bytes("c")], [bytes("d")]]);
    const dropping = { piece: (piece: Uint8Array) => (piece[0] === 0x62 ? bytes("") : piece) };
    const seen: string[] = [];
    await forEach(
      Flow.from(source).through(dropping),
      (piece) => void seen.push(Buffer.from(piece).toString()),
    );
    expect(seen).toEqual(["a", "c", "d"]);
  });

  describe("whose source has its end at hand", () => {
    const short = () => new Bursts<Uint8Array>([], undefined, [bytes("a")]);
    const text = (piece: ReturnType<Flow["atHand"]>) => (typeof piece === "object" ? `${piece}` : piece);

    it("has what its stages keep back at hand, and then its end", () => {
      const over = jest.fn();
      const flow = Flow.from(short())
        .through({ end: () => bytes("b") })
        .through(append("x"))
        .through({ over });
      const given = [text(flow.atHand()), text(flow.atHand())];
      expect([given, over.mock.calls]).toEqual([[`${bytes("ax")}`, `${bytes("bx")}`], []]);
      expect([flow.atHand(), flow.atHand(), over.mock.calls]).toEqual([END, END, [[true]]]);
    });

    it("waits for a stage that takes its time, and goes on through those behind it", async () => {
      const flow = Flow.from(short())
        .through({ end: async () => bytes("b") })
        .through({ end: () => bytes("c") })
        .through(upper);
      expect(text(flow.atHand())).toBe(`${bytes("A")}`);
      expect([flow.atHand(), flow.atHand(), flow.arrival()]).toEqual([undefined, undefined, undefined]);
      expect(await read(flow)).toEqual(["BC"]);
      expect(flow.atHand()).toBe(END);
    });

    it.each([
      ["rejects", () => Promise.reject(new Error("wrong"))],
      [
        "throws",
        () => {
          throw new Error("wrong");
        },
      ],
    ])("tells by `next` that a stage %s at its end", async (_how, end) => {
      const over = jest.fn();
      const flow = Flow.from(short())
        .through({ end })
        .through({ broken: (cause) => new Error("asked", { cause }), over });
      flow.atHand();
      expect([flow.atHand(), flow.arrival()]).toEqual([undefined, undefined]);
      await expect(flow.next()).rejects.toMatchObject({ message: "asked", cause: { message: "wrong" } });
      expect([flow.atHand(), over.mock.calls]).toEqual([END, [[false]]]);
    });

    it("tells by `next`, once, that a stage fails as it hears of the end", async () => {
      const over = () => {
        throw new Error("wrong");
      };
      const flow = Flow.from(short()).through({ over });
      flow.atHand();
      expect(flow.atHand()).toBeUndefined();
      await expect(flow.next()).rejects.toThrow("wrong");
      expect([flow.atHand(), await flow.next()]).toEqual([END, { done: true, value: undefined }]);
    });

    it("has nothing more to tell once it was left", async () => {
      const failing = {
        piece: () => {
          throw new Error("nobody asks");
        },
      };
      const flow = Flow.from(short()).through(failing);
      flow.atHand();
      await flow.return();
      expect([flow.atHand(), await flow.next()]).toEqual([END, { done: true, value: undefined }]);
    });

    it("can be left while a stage takes its time, whatever becomes of that", async () => {
      const over = jest.fn();
      const flow = Flow.from(short())
        .through({ end: () => Promise.reject(new Error("nobody asks")) })
        .through({ over });
      flow.atHand();
      flow.atHand();
      await flow.return();
      expect(await flow.next()).toEqual({ done: true, value: undefined });
      expect(over.mock.calls).toEqual([[false]]);
    });
  });
});
