/** How an Event stands on the wire. `stream` is the native form as a message of `/v1/stream`. */
export type Form = "native" | "stream" | "envelope";

const ID = "0123456789abcdef0123456789abcdef";
const FAMILY = "Shipping__";
/** Different bugs that the events are of. */
const FAMILIES = 20;
const FRAMES = 30;

/** One event of about 9 KB: thirty frames with their line of source, a request, tags, and some context. */
function native() {
  const frames = Array.from({ length: FRAMES }, (_, depth) => ({
    file: `/srv/shop/${depth < 20 ? "src" : "node_modules/express/lib"}/orders/layer${depth}.js`,
    function: depth === 0 ? FAMILY : `Orders.handle${depth}`,
    line: 100 + depth,
    column: 17,
    in_app: depth < 20,
    context_line: `    const address${depth} = await this.addresses.find(order.customer.id, { country: order.country });`,
  }));
  return {
    event_id: ID,
    service: "shop",
    environment: "production",
    release: "3f2c1ab",
    platform: "node",
    exception: { type: "TypeError", value: "Cannot read properties of undefined (reading 'city')", frames },
    request: { method: "POST", url: "https://shop.example/orders?step=address", headers: HEADERS, body: BODY },
    tags: { region: "eu-west-1", worker: "orders-7" },
    extra: { cart: { lines: 3, total: 12900, currency: "EUR" }, uptime: 86_400, note: "n".repeat(600) },
  };
}

const HEADERS = {
  accept: "application/json",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
  "content-type": "application/json",
};
const BODY = JSON.stringify({ order: 4711, lines: [{ sku: "A-1", count: 2 }], address: null });

/** The same as a Sentry SDK says it. */
function envelope(): string {
  const { exception, service, event_id, tags, ...rest } = native();
  const frames = exception.frames
    .map(({ file, line, column, ...frame }) => ({ ...frame, filename: file, lineno: line, colno: column }))
    .reverse();
  const values = [{ type: exception.type, value: exception.value, stacktrace: { frames } }];
  const event = { ...rest, event_id, tags: { ...tags, service }, exception: { values } };
  return `${JSON.stringify({ event_id, sent_at: "2026-01-01T00:00:00.000Z" })}\n{"type":"event"}\n${JSON.stringify(event)}\n`;
}

/** A text that is another event each time it is asked for, of the same length. */
export interface Template {
  readonly bytes: Buffer;
  /** Makes the bytes the n-th event. */
  become(n: number): void;
}

/** `prefix` (24 hex digits) keeps the ids of two runs apart; everything before the body stands in `head`. */
export function templateOf(form: Form, prefix: string, head: (length: number) => string): Template {
  const body = form === "envelope" ? envelope() : JSON.stringify(native());
  const bytes = Buffer.from(head(Buffer.byteLength(body)) + body);
  const ids = placesOf(bytes, ID);
  const families = placesOf(bytes, FAMILY);
  return {
    bytes,
    become: (n) => {
      for (const at of ids) bytes.write(prefix + n.toString(16).padStart(8, "0"), at);
      for (const at of families) bytes.write(`Shipping${String.fromCharCode(97 + (n % FAMILIES))}x`, at);
    },
  };
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}
