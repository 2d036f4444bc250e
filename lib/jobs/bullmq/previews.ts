import { randomUUID } from "node:crypto";
import { asBuffer } from "../../internal/as-buffer";
import { defined } from "../../internal/defined";
import {
  countMember,
  member,
  numberMember,
  objectMember,
  parsed,
  textMember,
} from "../../internal/json-shape";
import type { Clock, JobPreview, PreviewChannel } from "../../ports";
import type { Connections } from "./connections";
import type { Keys } from "./keys";

/** How long it is believed that somebody listens, or nobody. */
const BELIEVED_MS = 1_000;
const MOST_OWNERS = 10_000;

interface Audience {
  askedAt: number;
  isThere: boolean;
}

export interface BullmqPreviews extends PreviewChannel {
  close(): void;
}

/** Previews go through Redis' publish and subscribe, a channel for each owner, and only while another process listens there. */
export function createPreviews(
  { commands, subscriber }: Connections,
  keys: Keys,
  clock: Clock,
): BullmqPreviews {
  const self = randomUUID();
  const shows = new Map<string, (preview: JobPreview) => void>();
  const audiences = new Map<string, Audience>();

  const onMessage = (channel: string, message: string) => {
    const show = shows.get(channel);
    if (show === undefined) return;
    const preview = readPreview(message, self);
    if (preview !== undefined) show(preview);
  };
  const onReady = () => {
    if (shows.size > 0) subscriber.subscribe(...shows.keys()).catch(() => {});
  };
  subscriber.on("message", onMessage);
  subscriber.on("ready", onReady);

  async function look(owner: string, audience: Audience): Promise<void> {
    const channel = keys.previews(owner);
    const [, count] = await commands.pubsub("NUMSUB", channel);
    audience.isThere = Number(count) > (shows.has(channel) ? 1 : 0);
  }

  return {
    wanted(owner) {
      const known = audiences.get(owner);
      const audience = known ?? { askedAt: Number.NEGATIVE_INFINITY, isThere: false };
      if (clock() - audience.askedAt < BELIEVED_MS) return audience.isThere;
      audience.askedAt = clock();
      if (known === undefined && audiences.size >= MOST_OWNERS) audiences.clear();
      audiences.set(owner, audience);
      look(owner, audience).catch(() => {
        audience.isThere = false;
      });
      return audience.isThere;
    },
    publish({ job: { id, owner, clientRequestId }, bytes, ...facts }) {
      const base64 = asBuffer(bytes).toString("base64");
      const text = JSON.stringify({ from: self, job: { id, owner, clientRequestId }, ...facts, base64 });
      commands.publish(keys.previews(owner), text).catch(() => {});
    },
    listen(owner, show) {
      const channel = keys.previews(owner);
      shows.set(channel, show);
      subscriber.subscribe(channel).catch(() => {});
      return () => {
        shows.delete(channel);
        subscriber.unsubscribe(channel).catch(() => {});
      };
    },
    close() {
      subscriber.off("message", onMessage);
      subscriber.off("ready", onReady);
      shows.clear();
    },
  };
}

/** @returns `undefined` for what is none, or one of our own */
function readPreview(message: string, self: string): JobPreview | undefined {
  const value = parsed(message);
  if (member(value, "from") === self) return undefined;
  const job = objectMember(value, "job");
  const id = textMember(job, "id");
  const owner = textMember(job, "owner");
  const clientRequestId = textMember(job, "clientRequestId");
  const seq = numberMember(value, "seq");
  const imageIndex = countMember(value, "imageIndex");
  const contentType = textMember(value, "contentType");
  const base64 = textMember(value, "base64");
  if (id === undefined || owner === undefined || seq === undefined || imageIndex === undefined)
    return undefined;
  if (contentType === undefined || base64 === undefined) return undefined;
  return {
    job: defined({ id, owner, clientRequestId }),
    seq,
    imageIndex,
    contentType,
    bytes: Buffer.from(base64, "base64"),
  };
}
