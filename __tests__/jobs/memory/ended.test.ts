import { created, settled } from "../../../lib/jobs/changes";
import { createEnded } from "../../../lib/jobs/memory/ended";
import type { JobRecord } from "../../../lib/ports";
import { COMPLETED, newJob } from "./bench";

const ended = (id: string): JobRecord => settled(created(newJob({ id }), 0), COMPLETED, 0, 1_000);

function opened() {
  const records = new Map<string, JobRecord>();
  const line = createEnded(records);
  return {
    records,
    line,
    end(id: string) {
      records.set(id, ended(id));
      line.add(id);
    },
    remove(id: string) {
      records.delete(id);
      line.removed();
    },
  };
}

it("knows who ended first, and how many there are, whoever is removed meanwhile", () => {
  const { line, end, remove } = opened();
  expect([line.first(), line.size]).toEqual([undefined, 0]);
  for (const id of ["a", "b", "c", "d"]) end(id);
  remove("b");
  expect([line.first()?.id, line.size]).toEqual(["a", 3]);
  remove("a");
  expect([line.first()?.id, line.size]).toEqual(["c", 2]);
  remove("c");
  remove("d");
  expect([line.first(), line.size]).toEqual([undefined, 0]);
  end("e");
  expect([line.first()?.id, line.size]).toEqual(["e", 1]);
});

it("keeps the order of many that come and go", () => {
  const { line, end, remove } = opened();
  for (let nth = 0; nth < 10_000; nth += 1) {
    end(`${nth}`);
    if (nth < 100) continue;
    expect(line.first()?.id).toBe(`${nth - 100}`);
    remove(`${nth - 100}`);
  }
  expect(line.size).toBe(100);
});

it("holds no places of those that came and went behind one that stays", () => {
  const { line, end, remove, records } = opened();
  end("first");
  for (let nth = 0; nth < 10_000; nth += 1) {
    end(`${nth}`);
    remove(`${nth}`);
  }
  remove("first");
  const looked = jest.spyOn(records, "get");
  expect(line.first()).toBeUndefined();
  expect(looked.mock.calls.length).toBeLessThan(100);
});
