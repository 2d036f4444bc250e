import { shade } from "../../../../lib/providers/demo/paint/texture";

describe("shading a texture", () => {
  it("asks for the middle of every pixel, row by row", async () => {
    const { pixels } = await shade(2, 2, (u, v, out, at) => {
      out[at] = u * 100;
      out[at + 1] = v * 100;
    });
    expect([...pixels].filter((_, at) => at % 4 < 2)).toEqual([25, 25, 75, 25, 25, 75, 75, 75]);
  });

  it("gives way to others while it works", async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await shade(1, 12, () => {
      const until = performance.now() + 3;
      while (performance.now() < until);
    });
    isDone = true;
    expect(turns).toBeGreaterThan(2);
  });
});
