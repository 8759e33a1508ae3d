import type { Log } from "../../../domain/ports/log.ts";
import type { Channel, ChannelSettings } from "../../../domain/ports/notifier.ts";

/**
 * Logs that there is a message, without its text. Titles and reasons may contain text of an Event, which must not be in
 * a log.
 */
export function createLogChannel(settings: ChannelSettings, { log }: { log: Log }): Channel {
  return {
    ...settings,
    send: async ({ kind, ticketId, key, request }, { command }) =>
      log.info("a message for people", {
        kind,
        key,
        ticket: ticketId,
        question: request?.kind ?? null,
        ...(command !== null && { answer: command }),
      }),
  };
}
