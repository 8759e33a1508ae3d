import type { Answer, Outcome, RefusalCode } from "../contract.ts";
import { summaryOf } from "../faults.ts";

/**
 * Never 5xx, because SDKs then lose Events silently. Never 413, because newer SDKs then count the loss, which is
 * already counted here.
 */
const STATUS: Record<RefusalCode, number> = {
  unauthorized: 401,
  invalid: 400,
  tooLarge: 400,
  tooDeep: 400,
  unsupportedEncoding: 400,
  rateLimited: 429,
  cpuLimited: 429,
  queueFull: 429,
  unavailable: 429,
  internal: 429,
  repeatedDelivery: 200,
};

/** The Event is accepted. The client pauses for a minute and then reports what it dropped meanwhile. */
const SEND_LESS = "60:error:organization:backlog";
/** The id in the answer to an envelope that names none. */
const NO_ID = "0".repeat(32);

/** Answers `{"id"}`, also to an envelope without a usable item. */
export function respond(outcome: Outcome): Answer {
  if (outcome.kind === "refused") {
    const { code, message, retryAfterS } = outcome.refusal;
    const sent = refused(STATUS[code], message);
    if (retryAfterS !== null) {
      sent.headers["retry-after"] = String(retryAfterS);
      // The header names the category. Retry-After alone would stop the reports of losses too.
      sent.headers["x-sentry-rate-limits"] = `${retryAfterS}:error:organization:${code}`;
    }
    return sent;
  }
  const { ids, rejected, contents, pressure } = outcome;
  const broken = (contents.broken ?? []).map(({ fault }) => fault);
  if (ids.every((id) => id === null) && (rejected.length > 0 || broken.length > 0)) {
    return refused(400, summaryOf([...rejected.flatMap(({ faults }) => faults), ...broken]));
  }
  const sent = json(200, { id: ids.find((id) => id !== null) ?? contents.id ?? NO_ID });
  if (pressure !== "none") sent.headers["x-sentry-rate-limits"] = SEND_LESS;
  return sent;
}

function refused(status: number, message: string): Answer {
  const sent = json(status, { detail: message });
  // A header value must be one line of ASCII.
  sent.headers["x-sentry-error"] = message.slice(0, 500).replace(/[^\x20-\x7e]/g, "?");
  return sent;
}

function json(status: number, value: object): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
