import { MARK_PATTERN, ownMark } from "./this-process";

/** What a name in the folder says, where the name is one of ours. */
export type FileName =
  | { readonly kind: "image"; readonly key: string }
  /** An image being written, or the sign that a reservation is held; both worth nothing once their process has ended. */
  | { readonly kind: "draft" | "hold"; readonly mark: string; readonly id: string };

const IMAGE = /^eig-(?<key>[A-Za-z0-9_-]{22,64})\.image$/;
const OF_PROCESS = new RegExp(`^eig-(?<mark>${MARK_PATTERN})-(?<id>[0-9a-f]{32})\\.(?<kind>draft|hold)$`);

export const imageName = (key: string): string => `eig-${key}.image`;

export const draftName = (id: string): string => `eig-${ownMark()}-${id}.draft`;

export const holdName = (id: string): string => `eig-${ownMark()}-${id}.hold`;

/** `undefined`: not a file of ours, not to be touched. */
export function parseFileName(name: string): FileName | undefined {
  const key = IMAGE.exec(name)?.groups?.["key"];
  if (key !== undefined) return { kind: "image", key };
  const { mark, id, kind } = OF_PROCESS.exec(name)?.groups ?? {};
  if (mark === undefined || id === undefined) return undefined;
  return { kind: kind === "draft" ? "draft" : "hold", mark, id };
}
