interface Cell<Value> {
  value: Value | undefined;
}

/**
 * Who is there at present: a Map for what comes and goes with every request.
 *
 * V8 moves a Map into another table whenever enough of its entries have been deleted. A table that has grown old by then lives until the next full
 * collection, and keeps what was in it, and the table after it, which keeps the next one: everything that was ever in the Map outlives its time, along with all
 * that hangs on it. Here the tables hold cells, and a value that is deleted has left its cell. Keys stay that long: hence only small ones.
 */
export class Roster<Key extends string | number, Value> {
  readonly #cells = new Map<Key, Cell<Value>>();

  get size(): number {
    return this.#cells.size;
  }

  get(key: Key): Value | undefined {
    return this.#cells.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, { value });
    else cell.value = value;
  }

  delete(key: Key): boolean {
    const cell = this.#cells.get(key);
    if (cell !== undefined) cell.value = undefined;
    return this.#cells.delete(key);
  }

  clear(): void {
    for (const key of this.#cells.keys()) this.delete(key);
  }

  keys(): IterableIterator<Key> {
    return this.#cells.keys();
  }

  /** Those that are there now. */
  values(): Value[] {
    const values: Value[] = [];
    for (const { value } of this.#cells.values()) if (value !== undefined) values.push(value);
    return values;
  }
}
