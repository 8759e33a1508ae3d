import type { Notification } from "../../../domain/notification.ts";
import { plainText } from "../../../domain/plainText.ts";
import type { Channel, ChannelSettings, NotificationLinks } from "../../../domain/ports/notifier.ts";
import { post } from "./post.ts";
import { headlineOf } from "./wording.ts";

/** Slack's own limits, minus what escaping may add. Characters. */
const MAX_HEADLINE = 140;
const MAX_TEXT = 2500;

/**
 * Sends through Slack's incoming webhook. Slack has no idempotency keys: a message that is sent again appears twice.
 */
export function createSlackChannel({ url, ...settings }: ChannelSettings & { url: string }): Channel {
  return {
    ...settings,
    send: (message, links, signal) => post(url, JSON.stringify(slackBody(message, links)), { signal }),
  };
}

/**
 * The message in Slack's format. Text that others wrote is plain text and escaped, so it cannot mention, link or
 * format.
 */
export function slackBody(message: Notification, links: NotificationLinks) {
  const headline = escaped(headlineOf(message), MAX_HEADLINE);
  const text = escaped(message.text, MAX_TEXT);
  const ours = linksOf(links);
  return {
    // The text that a phone notification shows.
    text: headline,
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "section", text: { type: "plain_text", text: headline, emoji: false } },
      ...(text === "" ? [] : [{ type: "section", text: { type: "plain_text", text, emoji: false } }]),
      ...(ours === "" ? [] : [{ type: "section", text: { type: "mrkdwn", text: ours, verbatim: true } }]),
    ],
  };
}

function linksOf({ answer, page, command }: NotificationLinks): string {
  const link = (url: string, words: string) => `<${url.replace(/[|<>]/g, encodeURIComponent)}|${words}>`;
  return [
    ...(answer === null ? [] : [link(answer, "Open the question")]),
    ...(page === null ? [] : [link(page, "Read everything about it")]),
    ...(command === null ? [] : [`\`${escaped(command, MAX_TEXT)}\``]),
  ].join("\n");
}

/** Cuts first, so that no escaped entity is cut in two. */
function escaped(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return plainText(cut).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").trim();
}
