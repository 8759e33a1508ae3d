import type { Protocol } from "../contract.ts";
import { isSentryForm, readSentry } from "./event.ts";

/** Sentry's SDKs, as they are: a DSN that names this server is all that changes in an app. */
export const sentry: Protocol = {
  name: "sentry",
  sendsAgain: false,
  document: { matches: isSentryForm, read: readSentry },
  routes: [],
};
