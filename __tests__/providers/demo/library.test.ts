describe("loading sharp", () => {
  afterEach(() => jest.dontMock("sharp"));

  const construct = (fail: () => never): unknown => {
    let thrown: unknown;
    jest.isolateModules(() => {
      jest.doMock("sharp", fail);
      const { demo }: typeof import("../../../lib/providers/demo") = require("../../../lib/providers/demo");
      try {
        demo();
      } catch (error) {
        thrown = error;
      }
    });
    return thrown;
  };

  it("fails at construction with the remedy when it is not installed", () => {
    const error = construct(() => {
      throw Object.assign(new Error("Cannot find module 'sharp' from /somewhere"), {
        code: "MODULE_NOT_FOUND",
      });
    });
    expect(error).toHaveProperty("message", expect.stringContaining("npm install sharp"));
    expect(error).not.toHaveProperty("cause");
  });

  it("keeps the reason when it is installed but does not run here", () => {
    const reason = new Error("no binary for this machine");
    const error = construct(() => {
      throw reason;
    });
    expect(error).toMatchObject({ message: expect.stringContaining("npm install sharp"), cause: reason });
  });

  it("waits for construction: importing the provider alone does not need it", () => {
    jest.isolateModules(() => {
      jest.doMock("sharp", () => {
        throw new Error("loaded too early");
      });
      expect(() => require("../../../lib/providers/demo")).not.toThrow();
    });
  });
});
