import type { GenerationBody, generationSchema } from "../../lib/wire/generation-schema";

type Properties = ReturnType<typeof generationSchema>["properties"];

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type NullableIn<Schema> = {
  [Name in keyof Schema]: Schema[Name] extends { readonly nullable: boolean } ? Name : never;
}[keyof Schema];
type NullableOf<Body> = { [Name in keyof Body]-?: null extends Body[Name] ? Name : never }[keyof Body];

describe("GenerationBody", () => {
  // Compiled by the type check: `true` is not assignable where the two differ.
  it("names the fields of the schema, and the same ones as optional", () => {
    const fields: Same<keyof GenerationBody, keyof Properties> = true;
    const optional: Same<NullableOf<GenerationBody>, NullableIn<Properties>> = true;
    expect([fields, optional]).toEqual([true, true]);
  });
});
