import type { Config, LiveConfig } from "../config/index.ts";
import { type AnswerLinks, createAnswerLinks } from "../dashboard/access/answerLinks.ts";
import type { ApprovalRequest, DecisionType } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import type { Message } from "../domain/notification.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Channel, ChannelSettings, MessageLinks, Notifier } from "../domain/ports/notifier.ts";
import type { Ticket } from "../domain/ticket.ts";
import { redactText } from "../ingest/privacy/redactText.ts";
import { createAnnouncer } from "../integrations/notifications/auditWatcher.ts";
import { createNotifier } from "../integrations/notifications/notifier.ts";
import { createCourier } from "../integrations/notifications/outboxSender.ts";
import { type Rounds, startRounds } from "../server/interval.ts";
import type { EmbeddedStores } from "../store/embedded.ts";
import { questionKey } from "../tickets/askPerson.ts";
import { createChannels } from "./notificationChannels.ts";

/** How often it is looked for something to tell, milliseconds. */
const TELL_MS = 500;

/** Everything that tells people. */
export interface Telling {
  notifier: Notifier;
  /** One round: what is new on record is announced, and what is due is sent. One call at a time. */
  tell(signal?: AbortSignal): Promise<void>;
}

export interface TellingDeps {
  stores: Pick<EmbeddedStores, "outbox" | "audit" | "settings" | "tickets">;
  clock: Clock;
  log: Log;
  secretOf: (name: string) => string | undefined;
  random: () => number;
}

/** Makes outbox, announcer and courier work together. Throws InvalidInputError `config` for channels that cannot be made. */
export async function createTelling({ config, subscribe }: LiveConfig, deps: TellingDeps): Promise<Telling> {
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
  const announcer = createAnnouncer({ ...stores, notifier });
  await announcer.begin();
  await stores.outbox.takeUp();
  const links = createAnswerLinks({ ...stores, publicUrl: config.publicUrl, clock });
  const courier = createCourier({
    ...deps,
    ...stores,
    channels,
    linksFor: async (message, channel) =>
      linksFor(config, links, message, await openQuestion(stores, message), channel),
    stillTrue: async (message) => message.request === null || (await openQuestion(stores, message)) !== null,
  });
  return {
    notifier,
    async tell(signal) {
      await announcer.announce();
      await courier.deliver(signal);
    },
  };
}

/** Tells, round after round. */
export function startTelling({ tell, log }: { tell: Telling["tell"]; log: Log }): Rounds {
  return startRounds("messages", tell, { everyMs: TELL_MS, log });
}

/** The question that the message is about, as it stands now; null when it was answered meanwhile. */
async function openQuestion({ tickets }: TellingDeps["stores"], { ticketId, key }: Message) {
  const ticket: Ticket | null = ticketId === null ? null : await tickets.get(ticketId);
  if (ticket === null || ticket.approval === null) return null;
  const asked = questionKey(ticket, ticket.approval);
  return key === asked || key === `${asked} reminder` ? ticket.approval : null;
}

async function linksFor(
  { publicUrl }: Pick<Config, "publicUrl">,
  answers: AnswerLinks,
  { ticketId }: Message,
  request: ApprovalRequest | null,
  { recipient }: ChannelSettings,
): Promise<MessageLinks> {
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
