import { picturesOf, sha256 } from "../pictures";
import { ANSWERS, type Shape } from "../shapes";
import type { Received } from "./connection";

const MESSAGE_CHARS = 120;

/** Says what is wrong with an answer: its status, how many pictures came, how long each is, and its hash where that was taken. */
export type Judge = (received: Received) => string | undefined;

export function judgeOf(shape: Shape): Judge {
  const { pictures, textBytes } = ANSWERS[shape.model];
  const hashes = picturesOf(shape.model).map((picture) => sha256(picture.toString("base64")));

  const pictureFault = (received: Received): string | undefined => {
    if (received.pictures.length !== pictures) return `${received.pictures.length} pictures came`;
    for (const [index, picture] of received.pictures.entries()) {
      if (picture.textBytes !== textBytes) return `picture ${index} has ${picture.textBytes} bytes of text`;
      const isRight = picture.sha256 === undefined || picture.sha256 === hashes[index];
      if (!isRight) return `picture ${index} is another`;
    }
    return undefined;
  };

  return (received) => {
    if (received.status === 404) return "is not there: answered 404";
    if (received.status !== 200) return `answered ${received.status}${messageIn(received.start)}`;
    if (shape.wantsUrl !== true) return pictureFault(received);
    return addressIn(received) === undefined ? "gave no address" : undefined;
  };
}

export function addressIn({ start }: Received): string | undefined {
  const url = /"url":("[^"]+")/.exec(start)?.[1];
  return url === undefined ? undefined : String(JSON.parse(url));
}

/** What an error says of itself, as far as it fits into a table. */
function messageIn(start: string): string {
  const message = /"message":\s*"([^"]+)"/.exec(start)?.[1];
  return message === undefined ? "" : `: ${message.slice(0, MESSAGE_CHARS)}`;
}
