import type {
  Ack,
  ClientToServerEvents,
  GenerationBody,
  ImagesResponse,
  ServerToClientEvents,
} from "express-image-gateway";
import { io, type Socket } from "socket.io-client";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("http://127.0.0.1:3000/image-progress");
const seen: string[] = [];

socket.on("progress", ({ id, status, progress, seq, error }) => {
  seen.push(`${id} ${status} ${progress.toFixed()} ${seq.toFixed()} ${error?.code ?? ""}`);
});
socket.on("preview", ({ image_index, content_type }, bytes) => {
  seen.push(`${image_index.toFixed()} ${content_type} ${bytes.byteLength.toFixed()}`);
});
socket.on("closing", ({ reason }) => {
  if (reason === "shutdown") socket.connect();
});
socket.emit("subscribe", { client_request_id: "mine", previews: false }, (answer: Ack) => {
  seen.push(answer.ok ? (answer.job?.id ?? "not yet") : answer.error.code);
});

export async function ask(body: GenerationBody): Promise<ImagesResponse["data"]> {
  const answer = await socket.emitWithAck("cancel", { id: body.prompt });
  seen.push(String(answer.ok));
  return [];
}
