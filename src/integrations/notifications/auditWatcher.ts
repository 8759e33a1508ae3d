import type { AuditEntry, Facts } from "../../domain/audit.ts";
import type { Notification } from "../../domain/notification.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Notifier } from "../../domain/ports/notifier.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import { subjectOf } from "../../domain/subject.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** The setting with the sequence number of the last audit entry that was read. */
const CURSOR = "announced";
const AT_ONCE = 200;

/** Turns audit entries into notifications. */
export interface AuditWatcher {
  /**
   * Starts at the end of the existing audit log: only later entries become notifications. Does nothing on a second
   * call.
   */
  begin(): Promise<void>;
  /** Notifies people of the audit entries since the last call. */
  announce(): Promise<void>;
}

/**
 * Reads the audit log from a durable cursor and notifies people of what happened. Every audit entry is announced, even
 * if the process stops in between, and no run waits or fails because of a notification.
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
      // The cursor is stored last. A process that stops before this announces the same keys again, and the outbox
      // ignores known keys.
      if (last !== undefined) await settings.set(CURSOR, String(last.sequence));
    },
  };
}

type News = Pick<Notification, "key" | "kind" | "text"> & { title?: string };

/** The notification for each kind of audit entry. Questions are not here: the node that asks notifies people itself. */
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
    // No notification about a notification that failed: the audit entry is enough.
    String(key).startsWith("given up")
      ? null
      : {
          key: `given up ${key} ${channel}`.slice(0, 256),
          kind: "system",
          title: `${channel} could not be reached`,
          text: `A message was given up: ${reason}. It is in the dashboard.`,
        },
};

/** The notification for an audit entry; null if there is none. */
export function newsOf(
  entry: AuditEntry,
  ticket: Pick<Ticket, "title" | "plan" | "service"> | null,
): Notification | null {
  const news = NEWS[entry.kind]?.(entry.facts, entry) ?? null;
  if (news === null) return null;
  return {
    title: ticket === null ? `ticket ${entry.ticketId}` : subjectOf(ticket),
    ...news,
    ticketId: entry.ticketId,
    request: null,
  };
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
