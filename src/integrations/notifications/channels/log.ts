import type { Log } from "../../../domain/ports/log.ts";
import type { Channel, ChannelSettings } from "../../../domain/ports/notifier.ts";

/** Says in the log that there is a message. Titles and reasons may hold what an Event says: that has no place in a log. */
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
