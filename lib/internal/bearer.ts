/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1); `undefined` for anything else. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^bearer +([^\s]+) *$/i.exec(header ?? "")?.[1];
