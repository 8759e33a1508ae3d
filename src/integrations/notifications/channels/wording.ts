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

/** The first line of a message, on one line. */
export function headlineOf({ kind, title }: Notification): string {
  return `${OPENINGS[kind]}: ${title.replace(/\s+/g, " ").trim()}`;
}

/** What to do about it, a line each; only ours, never what an Event says. */
export function linesOf(links: NotificationLinks): string[] {
  return [
    ...(links.answer === null ? [] : [`Open the question: ${links.answer}`]),
    ...(links.page === null ? [] : [`Read everything about it: ${links.page}`]),
    ...(links.command === null ? [] : [`On the command line: ${links.command}`]),
  ];
}
