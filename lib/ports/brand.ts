/**
 * Marks an error as ours: by a symbol of the global registry, which two installed copies of the package share, as their classes do not, and
 * which no other error bears by chance. Within the package only: `index.ts` does not show it.
 */
export const brandOf = (name: string): symbol => Symbol.for(`express-image-gateway.${name}`);

/** Not enumerable: loggers and serializers walk own members. */
export function brand(error: Error, mark: symbol): void {
  Object.defineProperty(error, mark, { value: true });
}

export const isBranded = (error: unknown, mark: symbol): boolean => error instanceof Error && mark in error;
