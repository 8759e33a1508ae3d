import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { Delivery, Notification } from "../../domain/notification.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Channel, ChannelSettings, NotificationLinks } from "../../domain/ports/notifier.ts";
import type { Outbox } from "../../domain/ports/outbox.ts";
import { backoffMs } from "./backoff.ts";

const HOUR_MS = 3_600_000;
/** Messages per hour through one channel. Further ones are counted in one summary message. */
const MAX_PER_HOUR = 30;
/** A message is given up after this time without success, milliseconds. */
const GIVE_UP_MS = 24 * HOUR_MS;
/** Timeout of one attempt, milliseconds. */
const SEND_MS = 15_000;

/** What `createOutboxSender` needs. */
export interface OutboxSenderDeps {
  outbox: Outbox;
  /** The channels as they are now. */
  channels: () => readonly Channel[];
  linksFor: (message: Notification, channel: ChannelSettings) => Promise<NotificationLinks>;
  /** Whether the message is still valid: its question may have been answered in the meantime. */
  stillTrue: (message: Notification) => Promise<boolean>;
  audit: AuditLog;
  clock: Clock;
  log: Log;
  /** A number from 0 to 1, for the jitter. */
  random: () => number;
}

/** Sends the messages of the outbox. */
export interface OutboxSender {
  /** Sends the messages that are due, once. Resolves when every channel has been served. Only one call at a time. */
  deliver(signal?: AbortSignal): Promise<void>;
}

/**
 * Sends the messages of the outbox: INTENT (durable) → send → CONFIRM. A message whose attempt was cut off in between
 * is sent again under the same key. So only a channel without idempotency keys (Slack) may show it twice.
 */
export function createOutboxSender(deps: OutboxSenderDeps): OutboxSender {
  return {
    async deliver(signal = new AbortController().signal) {
      const channels = new Map(deps.channels().map((channel) => [channel.name, channel]));
      const due = await deps.outbox.channelsDue();
      await Promise.all(
        due.map((name) => {
          const channel = channels.get(name);
          return channel === undefined ? dropAll(deps, name) : serveChannel(deps, channel, signal);
        }),
      );
    },
  };
}

/**
 * Serves one channel, within its hourly limit. Stops at the first failure, so that the other channels do not wait for a
 * dead server.
 */
async function serveChannel(deps: OutboxSenderDeps, channel: Channel, signal: AbortSignal): Promise<void> {
  const { outbox, clock } = deps;
  const sent = await outbox.sentSince(channel.name, clock.now() - HOUR_MS);
  const free = MAX_PER_HOUR - sent.count;
  if (free <= 0) return outbox.hold(channel.name, (sent.firstAt ?? clock.now()) + HOUR_MS + 1);
  const due = await outbox.due(channel.name, free + 1);
  const crowded = due.length > free;
  for (const delivery of due.slice(0, crowded ? free - 1 : free)) {
    if (!(await send(deps, channel, delivery, signal))) return;
  }
  const summary = crowded ? await outbox.summarize(channel.name, summaryOf) : null;
  if (summary !== null) await send(deps, channel, summary, signal);
}

/** Returns false if the message was not sent; the channel is then left alone for now. */
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
  // Aborted in the middle: the message may or may not have been sent. The row keeps the state `sending`.
  if (signal.aborted) return false;
  deps.log.warn("a message could not be sent", { channel: channel.name, key: message.key, reason: failure });
  if (clock.now() - createdAt < GIVE_UP_MS) await outbox.settle(message.key, channel.name, "waiting", failure);
  else await giveUp(deps, { ...delivery, attempts: attempts + 1 }, failure);
  return false;
}

/** Why the attempt failed, in words without secrets; null if it succeeded. */
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
    // Only a channel's own error is known to contain no secret.
    return SelfhealError.isInstance(thrown) && thrown.code === "channel" ? messageOf(thrown) : "it could not be sent";
  }
}

/** The audit entry first: a stop in between must not lose the fact that a person was not notified. */
async function giveUp({ audit, outbox }: OutboxSenderDeps, delivery: Delivery, reason: string): Promise<void> {
  const { message, channel, attempts } = delivery;
  const facts = { key: message.key, channel, attempts, reason };
  const about = message.ticketId === null ? {} : { ticketId: message.ticketId };
  await audit.append({ kind: "message.given_up", actor: "system", ...about, facts });
  await outbox.settle(message.key, channel, "givenUp", reason);
}

/** Gives up the rows of a channel that is no longer configured. */
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
