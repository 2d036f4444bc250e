/** What is known of a stored image for deciding which has to go. */
export interface Holding {
  readonly key: string;
  readonly owner: string;
  readonly bytes: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Share<H> {
  bytes: number;
  /** Those that may go, the newest first. */
  readonly evictable: H[];
}

/**
 * Chooses what goes so that at least `bytes` become free: all that is expired, then the oldest of the owner holding most, anew for each.
 *
 * @returns `undefined` when even all that may go is not enough
 */
export function chooseEvictions<H extends Holding>(
  holdings: readonly H[],
  about: { readonly bytes: number; readonly now: number; readonly isHeld: (holding: H) => boolean },
): H[] | undefined {
  const chosen = holdings.filter((holding) => holding.expiresAt <= about.now && !about.isHeld(holding));
  let missing = about.bytes - chosen.reduce((sum, { bytes }) => sum + bytes, 0);
  if (missing <= 0) return chosen;
  const shares = sharesOf(
    holdings.filter((holding) => holding.expiresAt > about.now),
    about.isHeld,
  );
  while (missing > 0) {
    const most = shares.reduce<Share<H> | undefined>(heavierOf, undefined);
    const oldest = most?.evictable.pop();
    if (!most || !oldest) return undefined;
    most.bytes -= oldest.bytes;
    missing -= oldest.bytes;
    chosen.push(oldest);
  }
  return chosen;
}

function sharesOf<H extends Holding>(holdings: readonly H[], isHeld: (holding: H) => boolean): Share<H>[] {
  const shares = new Map<string, Share<H>>();
  const newestFirst = holdings.toSorted((a, b) => a.createdAt - b.createdAt).reverse();
  for (const holding of newestFirst) {
    const share = shares.get(holding.owner) ?? { bytes: 0, evictable: [] };
    share.bytes += holding.bytes;
    if (!isHeld(holding)) share.evictable.push(holding);
    shares.set(holding.owner, share);
  }
  return [...shares.values()];
}

const heavierOf = <H>(most: Share<H> | undefined, share: Share<H>): Share<H> | undefined =>
  share.evictable.length > 0 && (most === undefined || share.bytes > most.bytes) ? share : most;
