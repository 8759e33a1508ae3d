import type { Notification } from "../../../domain/notification.ts";
import { plainText } from "../../../domain/plainText.ts";
import type { Channel, ChannelSettings, NotificationLinks } from "../../../domain/ports/notifier.ts";
import { post } from "./post.ts";
import { headlineOf } from "./wording.ts";

/** Slack's own limits, less what escaping may add. */
const MAX_HEADLINE = 140;
const MAX_TEXT = 2500;

/** Slack's incoming webhook. Slack cannot tell a message that is sent again from a new one. */
export function createSlackChannel({ url, ...settings }: ChannelSettings & { url: string }): Channel {
  return {
    ...settings,
    send: (message, links, signal) => post(url, JSON.stringify(slackBody(message, links)), { signal }),
  };
}

/** The message in Slack's form. What others wrote is plain text and escaped: no mention, no link, no markup comes of it. */
export function slackBody(message: Notification, links: NotificationLinks) {
  const headline = escaped(headlineOf(message), MAX_HEADLINE);
  const text = escaped(message.text, MAX_TEXT);
  const ours = linksOf(links);
  return {
    // What a phone shows.
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

/** Cut first: an entity must not be cut in two. */
function escaped(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return plainText(cut).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").trim();
}
