import type { Ack } from "./events";

/** The function by which Socket.IO sends an acknowledgement: the last argument, where the client asked for one. */
export function acknowledgement(args: readonly unknown[]): ((answer: Ack) => void) | undefined {
  const last = args.at(-1);
  return typeof last === "function" ? (answer) => void last(answer) : undefined;
}
