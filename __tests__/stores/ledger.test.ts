import { type Claim, Ledger } from "../../lib/stores/ledger";

const NOW = 1_000;

const claimOf = (hold: string): Claim => ({ hold, reserved: 0, extra: 0 });

let keys = 0;

/** Writes an image of `bytes` under `hold`. */
function put(
  ledger: Ledger,
  hold: string,
  bytes: number,
  about: { createdAt?: number; expiresAt?: number } = {},
) {
  const claim = claimOf(hold);
  expect(ledger.draw(claim, bytes, NOW)).toBeDefined();
  const key = `key-${++keys}`;
  ledger.settle(claim, {
    key,
    owner: "owner",
    hold,
    bytes,
    createdAt: NOW,
    expiresAt: NOW + 1_000,
    ...about,
  });
  return key;
}

/** Can `bytes` be had without anything having to go? */
function fits(ledger: Ledger, bytes: number): boolean {
  const leaving = ledger.reserve("probe", bytes, NOW);
  if (leaving) ledger.release("probe");
  return leaving?.length === 0;
}

describe("Ledger", () => {
  it("evicts nothing when even all that may go would not be enough", () => {
    const ledger = new Ledger(100);
    ledger.reserve("old", 30, NOW);
    const key = put(ledger, "old", 30);
    ledger.release("old");
    ledger.reserve("held", 50, NOW);
    expect(ledger.reserve("new", 60, NOW)).toBeUndefined();
    expect(ledger.has(key)).toBe(true);
    expect(ledger.reserve("new", 50, NOW)).toEqual([key]);
  });

  it("counts what leaves no longer, and knows it until it is gone", () => {
    const ledger = new Ledger(100);
    ledger.reserve("old", 100, NOW);
    const key = put(ledger, "old", 100);
    ledger.release("old");
    expect(ledger.reserve("new", 100, NOW)).toEqual([key]);
    expect(ledger.has(key)).toBe(true);
    expect(fits(ledger, 1)).toBe(false);
    ledger.forget([key]);
    expect(ledger.has(key)).toBe(false);
    ledger.release("new");
    expect(fits(ledger, 100)).toBe(true);
  });

  it("gives an image more than was reserved while there is room, and refunds both parts", () => {
    const ledger = new Ledger(100);
    ledger.reserve("hold", 60, NOW);
    const claim = claimOf("hold");
    expect(ledger.draw(claim, 90, NOW)).toEqual([]);
    expect(ledger.draw(claim, 11, NOW)).toBeUndefined();
    expect(claim).toEqual({ hold: "hold", reserved: 60, extra: 30 });
    ledger.refund(claim);
    expect(fits(ledger, 40)).toBe(true);
    expect(fits(ledger, 41)).toBe(false);
    expect(ledger.draw(claimOf("hold"), 60, NOW)).toEqual([]);
  });

  it("returns the room of an image that fails after its reservation was released", () => {
    const ledger = new Ledger(100);
    ledger.reserve("hold", 60, NOW);
    const claim = claimOf("hold");
    ledger.draw(claim, 50, NOW);
    ledger.release("hold");
    expect(fits(ledger, 50)).toBe(true);
    expect(fits(ledger, 51)).toBe(false);
    ledger.refund(claim);
    expect(fits(ledger, 100)).toBe(true);
  });

  it("does not refuse reserved room when other processes have filled the storage meanwhile", () => {
    const ledger = new Ledger(100);
    ledger.reserve("hold", 60, NOW);
    ledger.add({
      key: "foreign",
      owner: "other",
      hold: "theirs",
      bytes: 90,
      createdAt: NOW,
      expiresAt: NOW + 1,
    });
    expect(ledger.draw(claimOf("hold"), 60, NOW)).toEqual([]);
  });

  it("keeps what another process holds, until that one lets go", () => {
    const ledger = new Ledger(100);
    ledger.add({
      key: "foreign",
      owner: "other",
      hold: "theirs",
      bytes: 90,
      createdAt: NOW,
      expiresAt: NOW + 1,
    });
    ledger.setForeignHolds(["theirs"]);
    expect(ledger.reserve("hold", 50, NOW)).toBeUndefined();
    ledger.setForeignHolds([]);
    expect(ledger.reserve("hold", 50, NOW)).toEqual(["foreign"]);
  });

  it("counts an image once that is told twice", () => {
    const ledger = new Ledger(100);
    const image = { key: "key", owner: "owner", hold: "hold", bytes: 60, createdAt: NOW, expiresAt: NOW + 1 };
    ledger.add(image);
    ledger.add(image);
    expect(fits(ledger, 40)).toBe(true);
    ledger.forget(["key", "key"]);
    expect(fits(ledger, 100)).toBe(true);
  });

  it("expires what is over and not held", () => {
    const ledger = new Ledger(100);
    ledger.reserve("free", 20, NOW);
    ledger.reserve("held", 20, NOW);
    const over = put(ledger, "free", 10, { expiresAt: NOW });
    put(ledger, "free", 10, { expiresAt: NOW + 1 });
    put(ledger, "held", 10, { expiresAt: NOW });
    ledger.release("free");
    expect(ledger.expire(NOW)).toEqual([over]);
  });
});
