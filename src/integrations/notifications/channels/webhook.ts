import { createHmac } from "node:crypto";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { Channel, ChannelSettings } from "../../../domain/ports/notifier.ts";
import { post } from "./post.ts";

/** The settings of one webhook channel. */
export interface WebhookSettings extends ChannelSettings {
  url: string;
  /** Signs the body. null: the body is not signed. */
  secret: string | null;
}

/**
 * POSTs the message as JSON. A receiver that remembers `Idempotency-Key` (the message's key) processes each message
 * once. `send` throws SelfhealError `channel`.
 */
export function createWebhookChannel({ url, secret, ...settings }: WebhookSettings, deps: { clock: Clock }): Channel {
  return {
    ...settings,
    async send(message, links, signal) {
      const body = JSON.stringify({ version: 1, ...message, links });
      const headers = {
        "idempotency-key": message.key,
        ...(secret !== null && signed(body, secret, deps.clock.now())),
      };
      await post(url, body, { headers, signal });
    },
  };
}

/**
 * The signature header. `t`: seconds since the epoch. `v1`: HMAC-SHA256 of `<t>.<body>`, hex. The time lets a receiver
 * reject a replayed message.
 */
function signed(body: string, secret: string, now: number): Record<string, string> {
  const t = Math.floor(now / 1000);
  const v1 = createHmac("sha256", secret).update(`${t}.${body}`).digest("hex");
  return { "x-selfheal-signature": `t=${t},v1=${v1}` };
}
