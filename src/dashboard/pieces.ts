import { html } from "hono/html";
import { describeDuration } from "../domain/duration.ts";
import { plainText } from "../domain/plainText.ts";
import type { Word } from "./words.ts";

/** A piece of a page. Whatever goes into it as a string is escaped. */
export type Html = ReturnType<typeof html>;

export const NOTHING: Html = html``;

/** Untrusted text: escaped by the template, and without characters that cannot be seen. */
export function untrusted(text: string): string {
  return plainText(text);
}

export function badge(word: Word, title = ""): Html {
  return html`<span class="badge ${word.tone}" title="${title}">${word.text}</span>`;
}

/** A moment, as a person says it, with the exact time for programs and on hover. */
export function moment(at: number, now: number): Html {
  const iso = new Date(at).toISOString();
  const text = at > now ? `in ${describeDuration(at - now)}` : `${describeDuration(now - at)} ago`;
  return html`<time datetime="${iso}" title="${iso}">${text}</time>`;
}

/** The first characters of an id, commit or digest: enough for people and for the command line. */
export function short(id: string): string {
  return id.slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function bulletList(items: readonly string[]): Html {
  return html`<ul>${items.map((item) => html`<li>${untrusted(item)}</li>`)}</ul>`;
}

export function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;
}
