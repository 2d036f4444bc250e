import { delivered, otherThanPicture } from "../../../lib/providers/hosted/pictures";

describe("otherThanPicture", () => {
  it.each([
    "https://replicate.delivery/xezq/abc/out-0.webp",
    "https://v3.fal.media/files/b/abc.png?signature=x.mp4",
    "https://v3.fal.media/files/no-end",
    "http://127.0.0.1:8080/out.jpeg",
    "data:image/png;base64,AAAA",
  ])("finds nothing against %s", (link) => {
    expect(otherThanPicture(link)).toBeUndefined();
  });

  it.each([
    ["https://replicate.delivery/a/out.mp4", "a video"],
    ["https://replicate.delivery/a/OUT.WEBM", "a video"],
    ["https://replicate.delivery/a/out.mp3", "sound"],
    ["https://replicate.delivery/a/mesh.glb", "a 3D model"],
    ["https://replicate.delivery/a/out.svg", "an SVG drawing"],
    ["https://replicate.delivery/a/weights.tar", "an archive"],
    ["https://replicate.delivery/a/caption.txt", "text"],
    ["data:video/mp4;base64,AAAA", "a video"],
    ["data:text/html,<b>", "text"],
    ["Once upon a time", "text"],
    ["ftp://host/a.png", "text"],
    ["javascript:alert(1)", "text"],
    ["", "text"],
  ])("tells that %s is %s", (link, what) => {
    expect(otherThanPicture(link)).toBe(what);
  });

  it("believes a type that speaks against a picture", () => {
    expect(otherThanPicture("https://host/a", "video/mp4")).toBe("a video");
    expect(otherThanPicture("https://host/a", "image/svg+xml")).toBe("an SVG drawing");
    expect(otherThanPicture("https://host/a", "image/webp")).toBeUndefined();
  });
});

describe("delivered", () => {
  const made = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      data: { as: "url" as const, url: `https://host/${at}.png` },
    }));
  const asked = { n: 2, warnings: [{ message: "before" }], upstreamId: "p1" };

  it("hands on as many as were asked for", () => {
    const { images, meta } = delivered(made(3), asked);
    expect(images).toHaveLength(2);
    expect(meta()).toEqual({ upstreamId: "p1", warnings: [{ message: "before" }] });
  });

  it("warns of fewer, and of why", () => {
    expect(delivered(made(1), asked).meta().warnings).toEqual([
      { message: "before" },
      { param: "n", message: "the upstream made 1 of 2 images" },
    ]);
    expect(delivered(made(1), { ...asked, withheld: 1 }).meta().warnings?.[1]).toEqual({
      param: "n",
      message: "the upstream made 1 of 2 images; its filter withheld 1",
    });
  });

  it("rejects where there is none", () => {
    expect(() => delivered([], asked)).toThrow(
      expect.objectContaining({ fault: "protocol", info: expect.objectContaining({ started: "yes" }) }),
    );
    expect(() => delivered([], { ...asked, withheld: 2 })).toThrow(
      expect.objectContaining({
        fault: "content_policy",
        info: expect.objectContaining({ started: "yes", moderation: { stage: "output" } }),
      }),
    );
  });
});
