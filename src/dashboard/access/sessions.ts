import type { Clock } from "../../domain/ports/clock.ts";
import type { Identity } from "./credentials.ts";

/** A person's sign-in to the dashboard. Sessions are in memory only, so a restart ends all of them. */
export interface Session {
  id: string;
  /** Who signed in. What they may do is read anew at each request. */
  identity: Identity;
  /** The name of the person, as the audit log shows it. */
  by: string;
  /** CSRF token that every unsafe request must contain. */
  csrf: string;
  /** When the session ends, in milliseconds since the epoch. */
  expiresAt: number;
}

/** The open sessions. */
export interface Sessions {
  /** How long a session lasts, in milliseconds. */
  readonly lifetimeMs: number;
  open(who: { identity: Identity; by: string }): Session;
  find(id: string): Session | null;
  close(id: string): void;
}

export interface SessionsDeps {
  clock: Clock;
  /** Returns a new unguessable string at each call. */
  newSecret: () => string;
  lifetimeMs?: number;
  /** The most sessions at once; the oldest one ends first. Default 100. */
  limit?: number;
}

const TWELVE_HOURS_MS = 12 * 3_600_000;

/** Sessions in memory. They last 12 hours by default. */
export function createSessions({
  clock,
  newSecret,
  lifetimeMs = TWELVE_HOURS_MS,
  limit = 100,
}: SessionsDeps): Sessions {
  const open = new Map<string, Session>();

  return {
    lifetimeMs,
    open(who) {
      const session = { ...who, id: newSecret(), csrf: newSecret(), expiresAt: clock.now() + lifetimeMs };
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
