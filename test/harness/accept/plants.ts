import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EmbeddedSpool } from "../../../src/store/sqlite/spool.ts";

/** A bug of the accept path that the harness must catch. */
export interface Plant {
  /** Spoils the spool in place. */
  spoil(spool: EmbeddedSpool): void;
  /** What shows it: a kill at a system call, or a call that fails. */
  shownBy: { kill: { call: string; nth: number } } | { fails: { call: string; error: string } };
  /** What the harness must say. */
  shows: RegExp;
}

const LOST = /was acknowledged, and is not stored/;

export const PLANTS: Readonly<Record<string, Plant>> = {
  "the answer comes before the commit": {
    spoil(spool) {
      const { append } = spool;
      spool.append = async (events, delivery) => {
        void delay(200).then(() => append(events, delivery));
        return { kind: "stored", stored: events.length, repeated: 0 };
      };
    },
    shownBy: { kill: { call: "pwrite64", nth: 1 } },
    shows: LOST,
  },
  "the idempotency key is made anew each time an event comes": {
    spoil(spool) {
      const { append } = spool;
      spool.append = (events, delivery) =>
        append(
          events.map((event) => ({ ...event, id: randomBytes(16).toString("hex") })),
          delivery,
        );
    },
    shownBy: { kill: { call: "fsync", nth: 4 } },
    shows: LOST,
  },
  "the key is the event's only where it comes alone, so that a list that is sent again counts twice": {
    spoil(spool) {
      const { append } = spool;
      spool.append = async (events, delivery) => {
        const result = await append(events, delivery);
        if (events.length > 1) await append(events.map((event) => ({ ...event, id: randomBytes(16).toString("hex") })));
        return result;
      };
    },
    shownBy: { kill: { call: "fsync", nth: 3 } },
    shows: /stored \d+ events, not \d+/,
  },
  "a batch that could not be written is dropped, and acknowledged": {
    spoil(spool) {
      const { append } = spool;
      spool.append = (events, delivery) =>
        append(events, delivery).catch(() => ({ kind: "stored", stored: events.length, repeated: 0 }));
    },
    shownBy: { fails: { call: "pwrite64", error: "ENOSPC" } },
    shows: LOST,
  },
  "of a list only the first event is kept": {
    spoil(spool) {
      const { append } = spool;
      spool.append = (events, delivery) => append(events.slice(0, 1), delivery);
    },
    shownBy: { kill: { call: "fsync", nth: 4 } },
    shows: LOST,
  },
};
