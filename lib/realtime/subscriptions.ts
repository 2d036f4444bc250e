import { GatewayError } from "../ports";
import type { SubjectRooms } from "./rooms";
import { isSubscription } from "./rooms";
import type { GatewaySocket } from "./session";

/** What one socket wants to hear, kept as its rooms and nowhere else. */
export interface Subscriptions {
  /** @throws GatewayError `too_many_subscriptions` */
  hear(subject: SubjectRooms, previews: boolean): Promise<void>;
  /** @throws GatewayError `too_many_subscriptions` */
  mute(subject: SubjectRooms): Promise<void>;
  /** Takes back an earlier mute that a newer wish outweighs. */
  unmute(subject: SubjectRooms, previews: boolean): Promise<void>;
  forget(subject: SubjectRooms): Promise<void>;
}

/** @param max subscriptions and mutes together */
export function createSubscriptions(socket: GatewaySocket, max: number): Subscriptions {
  const makeRoomFor = ({ progress, noProgress }: SubjectRooms) => {
    const { rooms } = socket;
    if (rooms.has(progress) || rooms.has(noProgress)) return;
    if ([...rooms].filter(isSubscription).length < max) return;
    throw new GatewayError(
      "too_many_subscriptions",
      `A socket may hold ${max} subscriptions. Unsubscribe from some first.`,
    );
  };
  const leave = async (...rooms: readonly string[]) => {
    for (const room of rooms) await socket.leave(room);
  };
  return {
    async hear(subject, previews) {
      makeRoomFor(subject);
      await leave(subject.noProgress, previews ? subject.noPreviews : subject.previews);
      await socket.join([subject.progress, previews ? subject.previews : subject.noPreviews]);
    },
    async mute(subject) {
      makeRoomFor(subject);
      await socket.join(subject.noProgress);
      await leave(subject.progress, subject.previews, subject.noPreviews);
    },
    async unmute(subject, previews) {
      await leave(subject.noProgress);
      if (previews) await leave(subject.noPreviews);
    },
    forget: ({ progress, noProgress, previews, noPreviews }) =>
      leave(progress, noProgress, previews, noPreviews),
  };
}
