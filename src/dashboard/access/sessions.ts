import type { Clock } from "../../domain/ports/clock.ts";

/** A person who is signed in to the dashboard. Kept in memory: a restart signs everybody out. */
export interface Session {
  id: string;
  /** The name the person gave; what the audit log shows. */
  by: string;
  /** Must come back with every unsafe request. */
  csrf: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface Sessions {
  /** How long a session lasts, in milliseconds. */
  readonly lifetimeMs: number;
  open(by: string): Session;
  find(id: string): Session | null;
  close(id: string): void;
}

export interface SessionsDeps {
  clock: Clock;
  /** An unguessable string; a new one each time. */
  newSecret: () => string;
  lifetimeMs?: number;
  /** The oldest session ends when there are more than this. */
  limit?: number;
}

const TWELVE_HOURS_MS = 12 * 3_600_000;

export function createSessions({
  clock,
  newSecret,
  lifetimeMs = TWELVE_HOURS_MS,
  limit = 100,
}: SessionsDeps): Sessions {
  const open = new Map<string, Session>();

  return {
    lifetimeMs,
    open(by) {
      const session = { id: newSecret(), by, csrf: newSecret(), expiresAt: clock.now() + lifetimeMs };
      open.set(session.id, session);
      for (const oldest of [...open.keys()].slice(0, Math.max(0, open.size - limit))) open.delete(oldest);
      return session;
    },
    find(id) {
      const session = open.get(id);
      if (session === undefined) return null;
      if (session.expiresAt > clock.now()) return session;
      open.delete(id);
      return null;
    },
    close(id) {
      open.delete(id);
    },
  };
}
