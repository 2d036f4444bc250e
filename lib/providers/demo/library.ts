import type Sharp from "sharp";

/** What `require("sharp")` gives. */
export type SharpLibrary = typeof Sharp;

/**
 * Loads sharp when the provider is made, so that the package loads without it.
 *
 * @throws Error that names the remedy, when sharp is not installed or does not run here.
 */
export function loadSharp(): SharpLibrary {
  try {
    const sharp: SharpLibrary = require("sharp");
    return sharp;
  } catch (error) {
    if (isMissing(error)) {
      throw new Error(
        "demo() draws with the optional package sharp, which is not installed: run `npm install sharp`.",
      );
    }
    throw new Error(
      "demo() draws with the package sharp, which does not load here: run `npm install sharp` again.",
      {
        cause: error,
      },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
}
