import { join } from "node:path";

import type { ShapeId } from "../shapes";

export const CONTESTANT_IDS = ["pipe", "bare-express", "hand-written", "portkey", "ours"] as const;
export type ContestantId = (typeof CONTESTANT_IDS)[number];

/** One of the servers that are measured. */
export interface Contestant {
  readonly id: ContestantId;
  readonly title: string;
  /** It stands only beside these; by default beside all. */
  readonly shapes?: readonly ShapeId[];
  /** @param thirdParty the folder in which other people's packages are */
  script(thirdParty: string): string;
  /** @param upstream such as `http://127.0.0.1:4000/v1` */
  args(upstream: string, thirdParty: string): readonly string[];
  /** What its callers send besides, names and values in turn. */
  headers(upstream: string): readonly string[];
}

const none = () => [];

export const CONTESTANTS: Readonly<Record<ContestantId, Contestant>> = {
  pipe: {
    id: "pipe",
    title: "bare pipe",
    script: () => require.resolve("./pipe"),
    args: (upstream) => [upstream],
    headers: none,
  },
  "bare-express": {
    id: "bare-express",
    title: "bare Express",
    shapes: ["S"],
    script: () => require.resolve("./bare-express"),
    args: (upstream) => [upstream],
    headers: none,
  },
  "hand-written": {
    id: "hand-written",
    title: "hand-written",
    script: () => require.resolve("./hand-written"),
    args: (upstream, thirdParty) => [upstream, thirdParty],
    headers: none,
  },
  portkey: {
    id: "portkey",
    title: "Portkey",
    script: (thirdParty) => join(thirdParty, "node_modules/@portkey-ai/gateway/build/start-server.js"),
    args: () => ["--port=0", "--headless"],
    headers: (upstream) => ["x-portkey-provider", "openai", "x-portkey-custom-host", upstream],
  },
  ours: {
    id: "ours",
    title: "express-image-gateway",
    script: () => require.resolve("./ours"),
    args: (upstream) => [upstream],
    headers: none,
  },
};
