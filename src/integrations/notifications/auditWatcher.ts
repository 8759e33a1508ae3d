import type { AuditEntry, Facts } from "../../domain/audit.ts";
import type { Notification } from "../../domain/notification.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Notifier } from "../../domain/ports/notifier.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** The setting that holds the sequence of the last audit entry that was looked at. */
const CURSOR = "announced";
const AT_ONCE = 200;

export interface AuditWatcher {
  /** A log that is there already is old news: only what comes from now on is told. Does nothing the second time. */
  begin(): Promise<void>;
  /** Tells people what the audit log says since the last call. */
  announce(): Promise<void>;
}

/**
 * Tells people what happened by reading the audit log behind a durable cursor: what is on record is told, whatever was
 * stopped in between, and no run waits or fails for it.
 */
export function createAuditWatcher(deps: {
  audit: AuditLog;
  settings: Settings;
  tickets: Pick<TicketBook, "get">;
  notifier: Notifier;
}): AuditWatcher {
  const { audit, settings, tickets, notifier } = deps;
  return {
    async begin() {
      if ((await settings.get(CURSOR)) !== null) return;
      const [newest] = await audit.list({ limit: 1 });
      await settings.set(CURSOR, String(newest?.sequence ?? 0));
    },
    async announce() {
      const entries = await audit.after(Number((await settings.get(CURSOR)) ?? 0), AT_ONCE);
      for (const entry of entries) {
        const ticket = entry.kind in NEWS && entry.ticketId !== null ? await tickets.get(entry.ticketId) : null;
        const message = newsOf(entry, ticket);
        if (message !== null) await notifier.notify(message);
      }
      const last = entries.at(-1);
      // Only now: whoever is stopped before tells the same keys again, which tells nothing twice.
      if (last !== undefined) await settings.set(CURSOR, String(last.sequence));
    },
  };
}

type News = Pick<Notification, "key" | "kind" | "text"> & { title?: string };

/** What is news, by the kind of audit entry. Questions are not here: the node that asks tells people itself. */
const NEWS: Readonly<Record<string, (facts: Facts, entry: AuditEntry) => News | null>> = {
  "deploy.live": (facts) => ({
    key: `deployed ${facts.deployment}`,
    kind: "deployed",
    text: `${facts.service}: ${short(facts.commit)} is live, ${facts.auto === true ? "deployed without a person" : "approved by a person"}`,
  }),
  "deploy.rolled_back": (facts) => ({
    key: `rolledBack ${facts.deployment}`,
    kind: "rolledBack",
    text: `${facts.service}: ${short(facts.previous)} was put back. ${facts.reason}`,
  }),
  "fix.held": (facts) => ({
    key: `healed ${facts.deployment ?? facts.commit}`,
    kind: "healed",
    text: `${facts.service}: ${facts.reason}`,
  }),
  "system.paused": ({ why }, entry) =>
    system(entry, "paused", why ? `All deployments are stopped: ${why}` : `${who(entry)} stopped all deployments`),
  "system.resumed": ({ why }, entry) =>
    system(entry, "running again", why ? `Deployments go on; ${why}` : `${who(entry)} let deployments go on`),
  "breaker.opened": (_, entry) =>
    system(
      entry,
      "the breaker is open",
      "Fixes were rolled back of late: nothing is deployed without a person for now",
    ),
  "breaker.closed": (_, entry) => system(entry, "the breaker is closed", `${who(entry)} closed the breaker`),
  "message.given_up": ({ key, channel, reason }) =>
    // What could not be said about what could not be said is on record, and that is enough.
    String(key).startsWith("given up")
      ? null
      : {
          key: `given up ${key} ${channel}`.slice(0, 256),
          kind: "system",
          title: `${channel} could not be reached`,
          text: `A message was given up: ${reason}. It is in the dashboard.`,
        },
};

/** What people are told about an audit entry; null: nothing. */
export function newsOf(entry: AuditEntry, ticket: Pick<Ticket, "title"> | null): Notification | null {
  const news = NEWS[entry.kind]?.(entry.facts, entry) ?? null;
  if (news === null) return null;
  return { title: ticket?.title ?? `ticket ${entry.ticketId}`, ...news, ticketId: entry.ticketId, request: null };
}

function system({ kind, sequence }: AuditEntry, title: string, text: string): News {
  return { key: `${kind} ${sequence}`, kind: "system", title, text };
}

function who({ actor }: AuditEntry): string {
  return actor.replace(/^person:/, "");
}

function short(commit: Facts[string] | undefined): string {
  return String(commit).slice(0, 12);
}
