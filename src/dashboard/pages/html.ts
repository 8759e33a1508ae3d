import { html as escapingHtml } from "hono/html";
import { plainText } from "../../domain/plainText.ts";

/** A fragment of HTML. */
export type Html = ReturnType<typeof escapingHtml>;

/**
 * Template tag for every page. It escapes every string and removes invisible characters, wherever the string is from.
 * Fragments are inserted unchanged. No other function may put text on a page.
 * @example
 * html`<h1>${ticket.title}</h1>`;
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return escapingHtml(strings, ...values.map(plain));
}

/** An empty fragment. */
export const NOTHING: Html = html``;

function plain(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
