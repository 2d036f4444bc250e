import { countMember, listMember, textMember } from "../../internal/json-shape";
import { keyOf, namesBegin, parseKey } from "./image-name";
import type { Requests } from "./requests";

/** What a list tells of an image. */
export interface Listed {
  readonly key: string;
  readonly expiresAt: number;
  readonly bytes: number;
}

/** All images of the store, those that end first at the front, a page of up to 1,000 at a time. */
export async function* listImages(
  requests: Requests,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Listed[], void> {
  const { library, bucket } = requests;
  let token: string | undefined;
  do {
    const about = { Bucket: bucket, Prefix: namesBegin(prefix), ContinuationToken: token };
    const answer = await requests.send(new library.ListObjectsV2Command(about), signal);
    yield listMember(answer, "Contents").flatMap((object) => listed(prefix, object));
    token = textMember(answer, "NextContinuationToken");
  } while (token !== undefined);
}

function listed(prefix: string, object: unknown): Listed[] {
  const key = keyOf(prefix, textMember(object, "Key") ?? "");
  const facts = key === undefined ? undefined : parseKey(key);
  if (key === undefined || !facts) return [];
  return [{ key, expiresAt: facts.expiresAt, bytes: countMember(object, "Size") ?? 0 }];
}
