import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { Delivery, Notification } from "../../domain/notification.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Channel, ChannelSettings, NotificationLinks } from "../../domain/ports/notifier.ts";
import type { Outbox } from "../../domain/ports/outbox.ts";
import { backoffMs } from "./backoff.ts";

const HOUR_MS = 3_600_000;
/** Messages an hour through one channel; what is more is counted in one of them. */
const MAX_PER_HOUR = 30;
/** After this long without success a message is given up. */
const GIVE_UP_MS = 24 * HOUR_MS;
/** How long one try may take. */
const SEND_MS = 15_000;

export interface OutboxSenderDeps {
  outbox: Outbox;
  /** As they are now. */
  channels: () => readonly Channel[];
  linksFor: (message: Notification, channel: ChannelSettings) => Promise<NotificationLinks>;
  /** Whether there is still anything to tell: a question may have been answered meanwhile. */
  stillTrue: (message: Notification) => Promise<boolean>;
  audit: AuditLog;
  clock: Clock;
  log: Log;
  /** 0 to 1, for the jitter. */
  random: () => number;
}

export interface OutboxSender {
  /** Sends what is due, once. Resolves when every channel has had its turn. Only one call at a time. */
  deliver(signal?: AbortSignal): Promise<void>;
}

/**
 * Brings what is in the outbox to people: INTENT (durable) → send → CONFIRM. A message whose try was cut off in between
 * goes again under the same key, so only a channel that cannot tell (Slack) may show it twice.
 */
export function createOutboxSender(deps: OutboxSenderDeps): OutboxSender {
  return {
    async deliver(signal = new AbortController().signal) {
      const channels = new Map(deps.channels().map((channel) => [channel.name, channel]));
      const due = await deps.outbox.channelsDue();
      await Promise.all(
        due.map((name) => {
          const channel = channels.get(name);
          return channel === undefined ? dropAll(deps, name) : turnOf(deps, channel, signal);
        }),
      );
    },
  };
}

/** One channel's turn: as much as its hour allows. It ends at the first failure, so that nobody waits for a dead server. */
async function turnOf(deps: OutboxSenderDeps, channel: Channel, signal: AbortSignal): Promise<void> {
  const { outbox, clock } = deps;
  const sent = await outbox.sentSince(channel.name, clock.now() - HOUR_MS);
  const free = MAX_PER_HOUR - sent.count;
  if (free <= 0) return outbox.hold(channel.name, (sent.firstAt ?? clock.now()) + HOUR_MS + 1);
  const due = await outbox.due(channel.name, free + 1);
  const crowded = due.length > free;
  for (const delivery of due.slice(0, crowded ? free - 1 : free)) {
    if (!(await send(deps, channel, delivery, signal))) return;
  }
  const summary = crowded ? await outbox.sumUp(channel.name, summaryOf) : null;
  if (summary !== null) await send(deps, channel, summary, signal);
}

/** false: it did not go through, and the channel is left alone for now. */
async function send(
  deps: OutboxSenderDeps,
  channel: Channel,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<boolean> {
  const { outbox, clock } = deps;
  const { message, attempts, createdAt } = delivery;
  if (!(await deps.stillTrue(message))) {
    await outbox.settle(message.key, channel.name, "overtaken");
    return true;
  }
  await outbox.intend(message.key, channel.name, clock.now() + backoffMs(attempts + 1, deps.random()));
  const failure = await tried(deps, channel, message, signal);
  if (failure === null) {
    await outbox.settle(message.key, channel.name, "sent");
    return true;
  }
  // Stopped in the middle: nobody knows whether it left, and the row says so.
  if (signal.aborted) return false;
  deps.log.warn("a message could not be sent", { channel: channel.name, key: message.key, reason: failure });
  if (clock.now() - createdAt < GIVE_UP_MS) await outbox.settle(message.key, channel.name, "waiting", failure);
  else await giveUp(deps, { ...delivery, attempts: attempts + 1 }, failure);
  return false;
}

/** How the try failed, in words without secrets; null when it did not. */
async function tried(
  deps: OutboxSenderDeps,
  channel: Channel,
  message: Notification,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const links = await deps.linksFor(message, channel);
    await channel.send(message, links, AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]));
    return null;
  } catch (thrown) {
    // Only a channel's own error is known to hold no secret.
    return SelfhealError.isInstance(thrown) && thrown.code === "channel" ? messageOf(thrown) : "it could not be sent";
  }
}

/** The audit entry first: a stop in between must not lose that somebody was not told. */
async function giveUp({ audit, outbox }: OutboxSenderDeps, delivery: Delivery, reason: string): Promise<void> {
  const { message, channel, attempts } = delivery;
  const facts = { key: message.key, channel, attempts, reason };
  const about = message.ticketId === null ? {} : { ticketId: message.ticketId };
  await audit.append({ kind: "message.given_up", actor: "system", ...about, facts });
  await outbox.settle(message.key, channel, "givenUp", reason);
}

/** Rows of a channel that the configuration does not have any more. */
async function dropAll(deps: OutboxSenderDeps, channel: string): Promise<void> {
  for (const delivery of await deps.outbox.due(channel, 100)) {
    await giveUp(deps, delivery, "the channel is not configured any more");
  }
}

function summaryOf(count: number, questions: number): Omit<Notification, "key"> {
  const asked = questions === 0 ? "" : `, ${questions} of them ${questions === 1 ? "a question" : "questions"}`;
  return {
    kind: "system",
    ticketId: null,
    title: `${count} further ${count === 1 ? "message" : "messages"}`,
    text: `${count} further ${count === 1 ? "message" : "messages"}${asked}: see the dashboard`,
    request: null,
  };
}
