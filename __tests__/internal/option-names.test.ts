import { checkOptionNames } from "../../lib/internal/option-names";

const known = ["apiKey", "baseUrl"];
const refusal = (options: unknown, path?: string): unknown => {
  try {
    checkOptionNames("paint()", options, known, path);
    return undefined;
  } catch (error) {
    return error;
  }
};

it("lets known options pass, whatever their values", () => {
  expect(refusal({ apiKey: undefined })).toBeUndefined();
  expect(refusal({})).toBeUndefined();
});

it.each([
  [
    { api_key: 1 },
    undefined,
    "paint(): option 'api_key' is unknown; did you mean 'apiKey'? Known: apiKey, baseUrl.",
  ],
  [
    { baseURL: 1 },
    "cloud",
    "paint(): option 'cloud.baseURL' is unknown; did you mean 'baseUrl'? Known: apiKey, baseUrl.",
  ],
  [{ colour: 1 }, undefined, "paint(): option 'colour' is unknown; known: apiKey, baseUrl."],
  [undefined, undefined, "paint(): it takes an object with the options apiKey, baseUrl."],
  [7, "cloud", "paint(): option 'cloud' must be an object with the options apiKey, baseUrl."],
])("says of %j what is wrong, and what would be right", (options, path, message) => {
  expect(refusal(options, path)).toEqual(new TypeError(message));
});
