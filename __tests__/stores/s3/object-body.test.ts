import { Readable } from "node:stream";
import { AbortGroup, type Membership } from "../../../lib/internal/abort-group";
import { objectBody } from "../../../lib/stores/s3/object-body";
import { calm, collect } from "../../../lib/testing/image-store/bench";

/** A stream of two bytes, and the work of reading it. */
const opened = () => {
  const stream = Readable.from([Uint8Array.of(1), Uint8Array.of(2)]);
  const group = new AbortGroup();
  const work: Membership = group.join(calm());
  return { stream, group, work };
};

describe("the body of an object", () => {
  it.each([1, 3])("is an error when it has two bytes instead of %i", async (length) => {
    const { stream, work } = opened();
    await expect(collect(objectBody({ stream, length }, work))).rejects.toThrow(
      "could not be read to its end",
    );
  });

  it("is let go of at once when nobody wants it any more by the time it comes", async () => {
    const { stream, group, work } = opened();
    const left = group.close(new Error("closed"));
    const body = objectBody({ stream, length: 2 }, work);
    expect(stream.destroyed).toBe(true);
    await left;
    await expect(collect(body)).rejects.toThrow("closed");
  });

  it("may fail before anybody reads it", async () => {
    const { stream, work } = opened();
    const body = objectBody({ stream, length: 2 }, work);
    const closed = new Promise((resolve) => stream.on("close", resolve));
    stream.destroy(new Error("the connection broke"));
    await closed;
    await expect(collect(body)).rejects.toThrow("could not be read to its end");
  });

  it("is left by its last byte", async () => {
    const { stream, group, work } = opened();
    expect(await collect(objectBody({ stream, length: 2 }, work))).toEqual(Uint8Array.of(1, 2));
    expect(stream.destroyed).toBe(true);
    await group.close(new Error("closed"));
  });
});
