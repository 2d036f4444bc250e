import { digest } from "../internal/digest";
import type { JobRecord } from "../ports";

const PREFIX = "images:";
const HEARD = `${PREFIX}progress:`;
const MUTED = `${PREFIX}no-progress:`;

/** The rooms by which a socket says what it wants of one job, or of all jobs with one client request id. */
export interface SubjectRooms {
  readonly progress: string;
  readonly noProgress: string;
  readonly previews: string;
  readonly noPreviews: string;
}

/** Whom an event reaches. Rooms alone decide, so that Socket.IO's adapter can carry it to sockets of other machines. */
export interface Audience {
  readonly to: string[];
  readonly except: string[];
}

type Subject = Pick<JobRecord, "id" | "owner" | "clientRequestId">;

/** Where all sockets of a principal are. `owner` is a digest already. */
export const principalRooms = (owner: string) => ({
  progress: `${PREFIX}principal:${owner}`,
  previews: `${PREFIX}principal-previews:${owner}`,
});

/** Room names are digests over the owner too: an id that another principal chose or guessed leads elsewhere. */
export const jobRooms = (owner: string, id: string): SubjectRooms => subjectRooms(digest("job", owner, id));

export const clientRequestRooms = (owner: string, clientRequestId: string): SubjectRooms =>
  subjectRooms(digest("client request", owner, clientRequestId));

const subjectRooms = (key: string): SubjectRooms => ({
  progress: HEARD + key,
  noProgress: MUTED + key,
  previews: `${PREFIX}previews:${key}`,
  noPreviews: `${PREFIX}no-previews:${key}`,
});

function subjectsOf({ id, owner, clientRequestId }: Subject): readonly SubjectRooms[] {
  const job = jobRooms(owner, id);
  return clientRequestId === undefined ? [job] : [job, clientRequestRooms(owner, clientRequestId)];
}

export function progressAudience(job: Subject): Audience {
  const subjects = subjectsOf(job);
  return {
    to: [principalRooms(job.owner).progress, ...subjects.map(({ progress }) => progress)],
    except: subjects.map(({ noProgress }) => noProgress),
  };
}

export function previewAudience(job: Subject): Audience {
  const subjects = subjectsOf(job);
  return {
    to: [principalRooms(job.owner).previews, ...subjects.map(({ previews }) => previews)],
    except: subjects.flatMap(({ noProgress, noPreviews }) => [noProgress, noPreviews]),
  };
}

/**
 * What sockets leave when a job has ended, so that long-lived ones do not gather rooms: all of the job's own, and mutes of its
 * client request id. Subscriptions to that id stay, since further jobs may bear it.
 */
export function roomsThatEndWith(job: Subject): string[] {
  const { progress, noProgress, previews, noPreviews } = jobRooms(job.owner, job.id);
  const own = [progress, noProgress, previews, noPreviews];
  return job.clientRequestId === undefined
    ? own
    : [...own, clientRequestRooms(job.owner, job.clientRequestId).noProgress];
}

export const isOurs = (room: string): boolean => room.startsWith(PREFIX);

/** Is this the room that stands for one subscription, or for one mute? A socket is in one of the two per subject. */
export const isSubscription = (room: string): boolean => room.startsWith(HEARD) || room.startsWith(MUTED);

/** Ids of the sockets of this process in an audience; one may come twice. */
export function* localMembers(
  rooms: ReadonlyMap<string, ReadonlySet<string>>,
  { to, except }: Audience,
): Generator<string> {
  const excepted = except.flatMap((room) => rooms.get(room) ?? []);
  for (const room of to) {
    for (const id of rooms.get(room) ?? []) {
      if (!excepted.some((members) => members.has(id))) yield id;
    }
  }
}
