import { html as escapingHtml } from "hono/html";
import { plainText } from "../../domain/plainText.ts";

/** A piece of a page. */
export type Html = ReturnType<typeof escapingHtml>;

/**
 * The only way that text gets onto a page: every string is escaped, and stripped of characters that cannot be seen,
 * wherever it comes from. Pieces go in as they are.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return escapingHtml(strings, ...values.map(plain));
}

export const NOTHING: Html = html``;

function plain(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
