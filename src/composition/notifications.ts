import type { Config, LiveConfig } from "../config/index.ts";
import { type AnswerLinks, createAnswerLinks } from "../dashboard/access/answerLinks.ts";
import type { ApprovalRequest, DecisionType } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import type { Notification } from "../domain/notification.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Channel, ChannelSettings, NotificationLinks, Notifier } from "../domain/ports/notifier.ts";
import type { Ticket } from "../domain/ticket.ts";
import { redactText } from "../ingest/privacy/redactText.ts";
import { createAuditWatcher } from "../integrations/notifications/auditWatcher.ts";
import { createNotifier } from "../integrations/notifications/notifier.ts";
import { createOutboxSender } from "../integrations/notifications/outboxSender.ts";
import type { Stores } from "../store/contract.ts";
import { questionKey } from "../tickets/askPerson.ts";
import { createChannels } from "./notificationChannels.ts";

/** Everything that notifies people. */
export interface Notifications {
  notifier: Notifier;
  /** Runs once: puts new audit entries into the outbox, and sends the messages that are due. One call at a time. */
  send(signal?: AbortSignal): Promise<void>;
}

/** What `createNotifications` needs. */
export interface NotificationsDeps {
  stores: Pick<Stores, "outbox" | "audit" | "settings" | "tickets">;
  clock: Clock;
  log: Log;
  secretOf: (name: string) => string | undefined;
  random: () => number;
}

/**
 * Creates the outbox's notifier, audit watcher and sender. Follows changes of the configured channels; when new
 * channels cannot be created, it keeps the previous ones and logs it. Throws InvalidInputError `config` if the first
 * channels cannot be created.
 */
export async function createNotifications(
  { config, subscribe }: LiveConfig,
  deps: NotificationsDeps,
): Promise<Notifications> {
  const { stores, clock } = deps;
  let made: Channel[] = createChannels(config, deps);
  const channels = () => made;
  let from = config.notificationChannels;
  subscribe((now) => {
    if (now.notificationChannels === from) return;
    from = now.notificationChannels;
    try {
      made = createChannels(now, deps);
    } catch (error) {
      deps.log.error("the former channels hold on: the new ones cannot be made", { reason: messageOf(error) });
    }
  });
  const notifier = createNotifier({ ...stores, channels, scrub: redactText });
  const auditWatcher = createAuditWatcher({ ...stores, notifier });
  await auditWatcher.begin();
  await stores.outbox.requeueInterrupted();
  const links = createAnswerLinks({ ...stores, publicUrl: config.publicUrl, clock });
  const outboxSender = createOutboxSender({
    ...deps,
    ...stores,
    channels,
    linksFor: async (message, channel) =>
      linksFor(config, links, message, await openQuestion(stores, message), channel),
    stillTrue: async (message) => message.request === null || (await openQuestion(stores, message)) !== null,
  });
  return {
    notifier,
    async send(signal) {
      await auditWatcher.announce();
      await outboxSender.deliver(signal);
    },
  };
}

/** The question of the message, as it is now; null once it has been answered. */
async function openQuestion({ tickets }: NotificationsDeps["stores"], { ticketId, key }: Notification) {
  const ticket: Ticket | null = ticketId === null ? null : await tickets.get(ticketId);
  if (ticket === null || ticket.approval === null) return null;
  const asked = questionKey(ticket, ticket.approval);
  return key === asked || key === `${asked} reminder` ? ticket.approval : null;
}

async function linksFor(
  { publicUrl }: Pick<Config, "publicUrl">,
  answers: AnswerLinks,
  { ticketId }: Notification,
  request: ApprovalRequest | null,
  { recipient }: ChannelSettings,
): Promise<NotificationLinks> {
  const site = publicUrl?.replace(/\/+$/, "") ?? null;
  const asks = ticketId !== null && request !== null;
  return {
    page: site === null ? null : ticketId === null ? `${site}/` : `${site}/tickets/${ticketId}`,
    answer: asks ? await answers.linkFor(ticketId, request, recipient) : null,
    command: asks ? commandFor(ticketId, request.allowed) : null,
  };
}

const COMMANDS: Readonly<Partial<Record<DecisionType, string>>> = {
  approve: "approve",
  reject: "reject",
  guide: "guide",
  takeOver: "take-over",
  dismiss: "dismiss",
};

function commandFor(ticketId: string, allowed: readonly DecisionType[]): string {
  const names = allowed.flatMap((type) => COMMANDS[type] ?? []);
  return names.map((name) => `selfheal ${name} ${ticketId.slice(0, 8)}`).join(", ");
}
