import type { Protocol, ProtocolRoute } from "../contract.ts";
import { type PresentedKey, presentedKey, queryOf } from "../requestKey.ts";
import { isSentryForm, readSentry } from "./event.ts";
import { keyOfDsn, readEnvelope, readStore } from "./items.ts";
import { respond } from "./response.ts";

const CORS: ProtocolRoute["cors"] = {
  allowHeaders:
    "x-sentry-auth x-requested-with origin referer accept content-type authentication authorization content-encoding sentry-trace baggage".split(
      " ",
    ),
  exposeHeaders: ["x-sentry-error", "x-sentry-rate-limits", "retry-after"],
};

const envelope: ProtocolRoute = {
  paths: ["/api/:project/envelope", "/api/:project/envelope/", "/tunnel"],
  cors: CORS,
  maxBytes: (limits) => limits.maxEnvelopeBytes,
  key: sentryKey,
  keyInBody: keyOfDsn,
  read: readEnvelope,
  answer: respond,
};

/**
 * The protocol of Sentry's SDKs, unmodified. An app changes only its DSN, which names this server. `:project` comes
 * from the DSN and is ignored: the key alone determines whose Events they are.
 */
export const sentry: Protocol = {
  name: "sentry",
  sendsAgain: false,
  document: { matches: isSentryForm, read: readSentry },
  routes: [
    envelope,
    {
      ...envelope,
      paths: ["/api/:project/store", "/api/:project/store/"],
      maxBytes: (limits) => limits.maxBodyBytes,
      keyInBody: () => "",
      read: readStore,
    },
  ],
};

/**
 * The key in `?sentry_key=`, or in `X-Sentry-Auth: Sentry sentry_version=7, sentry_key=…`. The Authorization header may
 * have the same value.
 */
function sentryKey(request: Request): PresentedKey {
  const header = request.headers.get("x-sentry-auth") ?? request.headers.get("authorization") ?? "";
  const fields = /^Sentry\s/i.test(header) ? header.slice("Sentry ".length, 2048).split(",") : [];
  const named = fields.map((field) => field.trim()).find((field) => field.startsWith("sentry_key="));
  return presentedKey(named?.slice("sentry_key=".length), queryOf(request).get("sentry_key"));
}
