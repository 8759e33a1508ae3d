import { describeDuration } from "../../domain/duration.ts";
import { type Html, html } from "./html.ts";
import type { Word } from "./labels.ts";

/** Prose of a ticket. Text between backticks becomes `<code>`. */
export function prose(text: string): Html {
  const parts = text.split(/`([^`\n]+)`/);
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

export function badge(word: Word, title = ""): Html {
  return html`<span class="badge ${word.tone}" title="${title}">${word.text}</span>`;
}

/** A relative time, such as `3 h ago`, with the exact time for programs and on hover. Milliseconds since the epoch. */
export function moment(at: number, now: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${fromNow(at - now)}</time>`;
}

function fromNow(ms: number): string {
  if (Math.abs(ms) < 1000) return "just now";
  return ms > 0 ? `in ${describeDuration(ms)}` : `${describeDuration(-ms)} ago`;
}

/** The first eight characters of an id, commit or digest: enough for people and for the command line. */
export function short(id: string): string {
  return id.slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function bulletList(items: readonly string[]): Html {
  return html`<ul>${items.map((item) => html`<li>${prose(item)}</li>`)}</ul>`;
}

export function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;
}
