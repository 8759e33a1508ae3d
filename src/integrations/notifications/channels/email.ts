import { createTransport } from "nodemailer";
import { SelfhealError } from "../../../domain/errors.ts";
import { uuidFrom } from "../../../domain/ids.ts";
import type { Notification } from "../../../domain/notification.ts";
import { plainText } from "../../../domain/plainText.ts";
import type { Channel, ChannelSettings, NotificationLinks } from "../../../domain/ports/notifier.ts";
import { headlineOf, linesOf } from "./wording.ts";

/** Timeout of each stage of a connection, milliseconds. */
const STAGE_MS = 10_000;
const MAX_SUBJECT = 150;

/** The settings of one email channel. */
export interface EmailSettings extends Omit<ChannelSettings, "recipient"> {
  /** smtp://user:password@host:port, or smtps://. */
  smtpUrl: string;
  from: string;
  /** One recipient. Each recipient has a channel, so that a refused one is retried alone. */
  to: string;
}

/**
 * Sends mail over SMTP. A message that is sent again has the same Message-ID, so mail systems can recognise it. `send`
 * throws SelfhealError `channel`.
 */
export function createEmailChannel({ smtpUrl, from, to, ...settings }: EmailSettings): Channel {
  const transport = createTransport(transportOptions(smtpUrl));
  return {
    ...settings,
    recipient: to,
    async send(message, links, signal) {
      try {
        await transport.sendMail({ ...mailOf(message, links, { from, to }), signal });
      } catch (cause) {
        throw new SelfhealError("channel", `the mail server did not take it: ${reasonOf(cause)}`);
      }
    },
  };
}

function transportOptions(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === "smtps:";
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    // A password is never sent over a network unencrypted.
    requireTLS: !secure && !local && username !== "",
    ...(username !== "" && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: STAGE_MS,
    greetingTimeout: STAGE_MS,
    socketTimeout: STAGE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The mail, as plain text only. Text that others wrote is quoted, so that it cannot be mistaken for our own lines. */
function mailOf(message: Notification, links: NotificationLinks, { from, to }: Pick<EmailSettings, "from" | "to">) {
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? "selfheal.invalid";
  const idOf = (...parts: string[]) => `<${uuidFrom(...parts)}@${domain}>`;
  const { ticketId, key } = message;
  const quoted = message.text.trim().replace(/^/gm, "> ");
  return {
    from,
    to,
    subject: plainText(headlineOf(message).slice(0, MAX_SUBJECT)),
    text: [quoted, ...linesOf(links), ...(ticketId === null ? [] : [`Ticket ${ticketId}`])].join("\n\n"),
    messageId: idOf("mail", key, to),
    // Mail programs group the mails about one ticket by this.
    ...(ticketId !== null && { references: idOf("thread", ticketId, to) }),
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** Only codes: a server's message may repeat what was sent to it. */
function reasonOf(thrown: unknown): string {
  const { code, responseCode } = thrown as { code?: unknown; responseCode?: unknown };
  const known = [code, responseCode].filter((part) => typeof part === "string" || typeof part === "number");
  return known.length === 0 ? "it could not be sent" : known.join(" ");
}
