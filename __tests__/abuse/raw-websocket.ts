import { randomBytes } from "node:crypto";

import { type RawClient, rawClient } from "../http/raw";

export interface FrameShape {
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong; the others are reserved. */
  readonly opcode?: number;
  readonly fin?: boolean;
  /** Three bits; any of them needs an extension. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the frame says of its length, true or not. */
  readonly length?: number | bigint;
}

/** One frame as RFC 6455 §5.2 has it, or as it should not be. */
export function frame(payload: string | Buffer, shape: FrameShape = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = shape;
  const bytes = Buffer.from(payload);
  const { length = bytes.length } = shape;
  const mask = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  if (length < 126) head.push(mask | Number(length));
  else if (length < 65_536) head.push(mask | 126, Number(length) >> 8, Number(length) & 0xff);
  else head.push(mask | 127, ...lengthBytes(BigInt(length)));
  if (!masked) return Buffer.concat([Buffer.from(head), bytes]);
  const key = randomBytes(4);
  const hidden = bytes.map((byte, at) => byte ^ (key[at % 4] ?? 0));
  return Buffer.concat([Buffer.from(head), key, hidden]);
}

function lengthBytes(length: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(length);
  return bytes;
}

/** A WebSocket to Socket.IO's server on which a test says every frame; what came back is its raw text. */
export async function rawWebSocket(url: string): Promise<RawClient> {
  const client = await rawClient(url);
  client.socket.write(
    [
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
      "Host: images.test",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "",
      "",
    ].join("\r\n"),
  );
  // Engine.IO's opening packet.
  await client.until('0{"sid"');
  return client;
}

/** The same, admitted to the progress namespace. */
export async function admittedWebSocket(url: string, token = "sk-ann"): Promise<RawClient> {
  const client = await rawWebSocket(url);
  client.socket.write(frame(`40/image-progress,${JSON.stringify({ token })}`));
  await client.until('40/image-progress,{"sid"');
  return client;
}
