/**
 * The names of our keys. All of them bear one hash tag: the scripts touch several at once, which a cluster allows only within one slot.
 * They hold digests and ids, never an address or a caller's own words.
 */
export interface Keys {
  readonly prefix: string;
  /** Hash: all that is known of one job. */
  job(id: string): string;
  /** Sorted set: the jobs of one owner, by their number. */
  owner(owner: string): string;
  /** Sorted set: the orphans of one owner and fingerprint, by the time they were abandoned. */
  orphans(owner: string, fingerprint: string): string;
  /** Text that goes by itself when a process is dead: how often it has said that it is alive. */
  process(name: string): string;
  /** Sorted set: the jobs of a provider that have not begun, by their turn. */
  turns(provider: string): string;
  /** List: when the last jobs of a provider have ended, and how long each took. */
  ends(provider: string): string;
  /** Sorted set: jobs that BullMQ has to have, by when that is looked at next. */
  readonly outbox: string;
  /** Set: every provider that ever had a job. */
  readonly providers: string;
  /** Channel: changes of one job. */
  news(id: string): string;
  /** Channel: unfinished pictures of one owner's jobs. */
  previews(owner: string): string;
  /** Sorted set: jobs of whose end a webhook is to be told, by when. */
  readonly notices: string;
  /** Channel: what all processes are to hear. */
  readonly control: string;
  /** What BullMQ's own keys begin with. */
  readonly tickets: string;
}

export function keysOf(name: string): Keys {
  const prefix = `{${name}}`;
  return {
    prefix,
    job: (id) => `${prefix}:job:${id}`,
    owner: (owner) => `${prefix}:owner:${owner}`,
    orphans: (owner, fingerprint) => `${prefix}:orphans:${owner}:${fingerprint}`,
    process: (name) => `${prefix}:process:${name}`,
    turns: (provider) => `${prefix}:turns:${provider}`,
    ends: (provider) => `${prefix}:ends:${provider}`,
    outbox: `${prefix}:outbox`,
    providers: `${prefix}:providers`,
    news: (id) => `${prefix}:news:${id}`,
    previews: (owner) => `${prefix}:previews:${owner}`,
    notices: `${prefix}:notices`,
    control: `${prefix}:control`,
    tickets: `${prefix}:tickets`,
  };
}
