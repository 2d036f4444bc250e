import { StoreFullError } from "../../../lib/ports";
import { memoryStore } from "../../../lib/stores/memory";
import { type BrokenStore, over, withClockOff, withReservation } from "./wrap";

/** Broken in who gets room: rule 6. */
export const brokenRoom: readonly BrokenStore[] = [
  {
    rule: 6,
    what: "treats expired images as any other",
    create: (conditions) => withClockOff(conditions, -1_000_000, "reserve"),
  },
  {
    rule: 6,
    what: "does not tell owners apart",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, { reserve: (request) => inner.reserve({ ...request, owner: "all" }) });
    },
  },
  {
    rule: 6,
    what: "no longer holds an image that is written",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return withReservation(inner, (reservation, request) => ({
        write: async (image) => {
          await reservation.release();
          const own = await inner.reserve({ ...request, bytes: 0 });
          try {
            return await own.write(image);
          } finally {
            await own.release();
          }
        },
      }));
    },
  },
  {
    rule: 6,
    what: "makes room but does not keep it",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        reserve: async (request) => {
          await (await inner.reserve(request)).release();
          return inner.reserve({ ...request, bytes: 0 });
        },
      });
    },
  },
  {
    rule: 6,
    what: "counts a second image beside its reservation",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        reserve: async (request) => {
          const reservation = await inner.reserve(request);
          const beside = await inner.reserve({ ...request, bytes: 0 });
          let written = 0;
          return {
            write: async (image) => {
              const stored = await (written > 0 ? beside : reservation).write(image);
              written += 1;
              return stored;
            },
            release: async () => {
              await beside.release();
              await reservation.release();
            },
          };
        },
      });
    },
  },
  {
    rule: 6,
    what: "fails when a reservation is released again",
    create: (conditions) =>
      withReservation(memoryStore(conditions), (reservation) => {
        let isReleased = false;
        return {
          release: async () => {
            if (isReleased) throw new Error("released already");
            isReleased = true;
            await reservation.release();
          },
        };
      }),
  },
  {
    rule: 6,
    what: "keeps what a reservation did not use",
    create: (conditions) =>
      withReservation(memoryStore(conditions), (reservation, { bytes }) => {
        let written = 0;
        return {
          write: async (image) => {
            const stored = await reservation.write(image);
            written += stored.bytes;
            return stored;
          },
          // Where all was used, or all the store has, there is nothing to tell.
          release: async () => {
            if (written > 0 || bytes === conditions.maxBytes) await reservation.release();
          },
        };
      }),
  },
  {
    rule: 6,
    what: "promises more than it may hold",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        reserve: (request) =>
          inner.reserve({ ...request, bytes: Math.min(request.bytes, conditions.maxBytes) }),
      });
    },
  },
  {
    rule: 6,
    what: "refuses with an error of another kind",
    create: (conditions) => {
      const inner = memoryStore(conditions);
      return over(inner, {
        reserve: (request) =>
          inner.reserve(request).catch((error) => {
            throw StoreFullError.is(error) ? new Error("full") : error;
          }),
      });
    },
  },
];
