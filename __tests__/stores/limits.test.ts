import { diskStore } from "../../lib/stores/disk";
import { memoryStore } from "../../lib/stores/memory";

describe.each([
  ["diskStore", diskStore],
  ["memoryStore", memoryStore],
] as const)("the options of %s", (name, create) => {
  it.each([
    ["ttlSeconds", 0],
    ["ttlSeconds", -1],
    ["ttlSeconds", Number.NaN],
    ["ttlSeconds", Number.POSITIVE_INFINITY],
    ["maxBytes", 0],
    ["maxBytes", 1.5],
    ["maxBytes", Number.POSITIVE_INFINITY],
  ])("refuse %s: %d and name it", (option, value) => {
    expect(() => create({ [option]: value })).toThrow(`${name}: option "${option}" must be`);
  });

  it("refuse a clock that cannot be called", () => {
    const options: object = { clock: 5 };
    expect(() => create(options)).toThrow(`${name}: option "clock" must be a function`);
  });

  it("refuse an unknown one and tell which there are", () => {
    const options: object = { maxByte: 5 };
    expect(() => create(options)).toThrow(
      `${name}: option 'maxByte' is unknown; did you mean 'maxBytes'? Known: `,
    );
  });
});

it.each(["", "nul\0", 5])("diskStore refuses the directory %j", (directory) => {
  const options: object = { directory };
  expect(() => diskStore(options)).toThrow('diskStore: option "directory" must be the path of a folder');
});
