import type { Acceptor } from "../accept.ts";
import type { Pressure } from "../admission/pressure.ts";
import type { Peer } from "./peer.ts";

/** Events that a client may have under way without an ack. */
const CREDIT: Record<Pressure, number> = { none: 1000, soft: 50, floor: 50, hard: 0 };
/** How often it is looked at while it is not full, milliseconds. */
const LOOK_MS = 1000;

/** What one client may send ahead. */
export interface Credit {
  /** What to tell the client with an ack. */
  now(): Promise<number>;
  /** Waits until there is room; false when the client left meanwhile. */
  room(): Promise<boolean>;
}

/** Tells the client its credit at once, and again by itself whenever it may send more. */
export function createCredit(acceptor: Pick<Acceptor, "pressure">, peer: Peer): Credit {
  let told = -1;
  let isWatching = false;

  const tell = async (): Promise<void> => {
    const before = told;
    const credit = await now();
    if (credit !== before) peer.send(JSON.stringify({ credit }));
  };
  const watch = async (): Promise<void> => {
    if (isWatching) return;
    isWatching = true;
    while (told < CREDIT.none && peer.isOpen()) {
      await peer.wait(LOOK_MS);
      await tell();
    }
    isWatching = false;
  };
  const now = async (): Promise<number> => {
    told = CREDIT[await acceptor.pressure()];
    if (told < CREDIT.none) void watch();
    return told;
  };

  void tell();
  return {
    now,
    room: async () => {
      while (peer.isOpen()) {
        if ((await acceptor.pressure()) !== "hard") return true;
        peer.pause();
        await tell();
        await peer.wait(LOOK_MS);
      }
      return false;
    },
  };
}
