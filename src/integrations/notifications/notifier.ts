import type { Notification } from "../../domain/notification.ts";
import { plainText } from "../../domain/plainText.ts";
import type { ChannelSettings, Notifier } from "../../domain/ports/notifier.ts";
import type { Outbox } from "../../domain/ports/outbox.ts";

const MAX_TITLE = 200;
const MAX_TEXT = 2000;

/**
 * Puts a message into the outbox of every channel that subscribes to its kind. Text that others wrote is cleaned before
 * it is stored: invisible characters and secrets are removed, and long text is cut.
 */
export function createNotifier(deps: {
  outbox: Pick<Outbox, "add">;
  /** The channels as they are now. */
  channels: () => readonly ChannelSettings[];
  /** Removes secrets and personal data from a text. */
  scrub: (text: string) => string;
}): Notifier {
  const clean = (text: string, maxLength: number) => shortened(plainText(deps.scrub(text)), maxLength);
  return {
    notify: (message) => {
      const wanting = deps
        .channels()
        .filter(({ on }) => on.includes(message.kind))
        .map(({ name }) => name);
      return deps.outbox.add(cleaned(message, clean), wanting);
    },
  };
}

function cleaned(message: Notification, clean: (text: string, maxLength: number) => string): Notification {
  const { title, text, request } = message;
  const reasons = request?.reasons.map((reason) => clean(reason, MAX_TITLE)) ?? [];
  return {
    ...message,
    title: clean(title.replace(/\s+/g, " "), MAX_TITLE),
    text: clean(text, MAX_TEXT),
    request: request === null ? null : { ...request, reasons },
  };
}

function shortened(text: string, maxLength: number): string {
  // Cleaned again: the cut may have split a surrogate pair.
  return text.length <= maxLength ? text : `${plainText(text.slice(0, maxLength - 1))}…`;
}
