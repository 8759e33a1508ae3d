import type { Acceptor } from "../accept.ts";
import type { Pressure } from "../admission/pressure.ts";
import type { Peer } from "./peer.ts";

/** Number of Events that a client may have in flight without an ack, by pressure. */
const CREDIT: Record<Pressure, number> = { none: 1000, soft: 50, floor: 50, hard: 0 };
/** Interval at which the pressure is checked while the credit is not full, milliseconds. */
const LOOK_MS = 1000;

/** The backpressure of one client: how many Events it may send ahead. */
export interface Credit {
  /** The credit to send with an ack. */
  now(): Promise<number>;
  /** Waits until the pressure is not `hard`. False if the client disconnected meanwhile. */
  room(): Promise<boolean>;
}

/**
 * Creates the credit of a client. It sends the credit to the client at once, and again, without an ack, whenever the
 * client may send more.
 */
export function createCredit(acceptor: Pick<Acceptor, "pressure">, peer: Peer): Credit {
  let lastSent = -1;
  let isWatching = false;

  const tell = async (): Promise<void> => {
    const before = lastSent;
    const credit = await now();
    if (credit !== before) peer.send(JSON.stringify({ credit }));
  };
  const watch = async (): Promise<void> => {
    if (isWatching) return;
    isWatching = true;
    while (lastSent < CREDIT.none && peer.isOpen()) {
      await peer.wait(LOOK_MS);
      await tell();
    }
    isWatching = false;
  };
  const now = async (): Promise<number> => {
    lastSent = CREDIT[await acceptor.pressure()];
    if (lastSent < CREDIT.none) void watch();
    return lastSent;
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
