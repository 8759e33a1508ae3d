import type { Notification, NotificationKind } from "../../../domain/notification.ts";
import type { NotificationLinks } from "../../../domain/ports/notifier.ts";

const OPENINGS: Readonly<Record<NotificationKind, string>> = {
  asked: "A person is asked",
  escalated: "A person is needed",
  reminded: "Still waiting for a person",
  deployed: "Deployed",
  rolledBack: "Rolled back",
  healed: "Healed",
  system: "selfheal",
};

/** The headline of a message, in one line. */
export function headlineOf({ kind, title }: Notification): string {
  return `${OPENINGS[kind]}: ${title.replace(/\s+/g, " ").trim()}`;
}

/** How to answer, one line per way. Contains only our own text, never text of an Event. */
export function linesOf(links: NotificationLinks): string[] {
  return [
    ...(links.answer === null ? [] : [`Open the question: ${links.answer}`]),
    ...(links.page === null ? [] : [`Read everything about it: ${links.page}`]),
    ...(links.command === null ? [] : [`On the command line: ${links.command}`]),
  ];
}
