import { parseJson } from "../../transport/json.ts";
import { clientLosses } from "../clientLosses.ts";
import type { Contents, Protocol, ProtocolRoute, Refusal, WireBody } from "../contract.ts";
import { unreadable } from "../faults.ts";
import { plainKey } from "../requestKey.ts";
import { readNative } from "./event.ts";
import { respond } from "./response.ts";

const CORS: ProtocolRoute["cors"] = {
  allowHeaders: ["authorization", "x-selfheal-key", "content-type", "content-encoding"],
  exposeHeaders: ["retry-after"],
};

/**
 * selfheal's own protocol. `POST /v1/events` accepts one Event or a list; `POST /v1/lost` accepts the losses of a
 * client.
 */
export const native: Protocol = {
  name: "native",
  sendsAgain: true,
  // It reads every document that no other protocol recognises. The faults then refer to the native form.
  document: { matches: () => true, read: readNative },
  routes: [
    {
      paths: ["/v1/events"],
      cors: CORS,
      maxBytes: (limits) => limits.maxBodyBytes,
      key: plainKey,
      read: readEvents,
      answer: respond,
    },
    {
      paths: ["/v1/lost"],
      cors: CORS,
      maxBytes: (limits) => limits.maxBodyBytes,
      key: plainKey,
      read: readLost,
      answer: respond,
    },
  ],
};

function readEvents({ bytes, limits, document }: WireBody): Contents | Refusal {
  const json = parseJson(bytes, limits);
  if (json.kind === "refused") return unreadable(json.reason, json.message);
  const wires = Array.isArray(json.value) ? json.value : [json.value];
  if (wires.length === 0 || wires.length > limits.maxEventsPerRequest) {
    const message = `must hold 1 to ${limits.maxEventsPerRequest} events, not ${wires.length}`;
    return unreadable("invalid", message, wires.length);
  }
  return { events: wires.map(document), isOne: !Array.isArray(json.value) };
}

/** `{"lost": {"bufferFull": 12}}`: the number of lost Events, by reason. */
function readLost({ bytes, limits }: WireBody): Contents | Refusal {
  const json = parseJson(bytes, limits);
  if (json.kind === "refused") return unreadable(json.reason, json.message, 0);
  const lost = (json.value as { lost?: unknown } | null)?.lost;
  const reported = typeof lost === "object" && lost !== null ? clientLosses(Object.entries(lost)) : {};
  return Object.keys(reported).length > 0
    ? { events: [], reported }
    : unreadable("invalid", "must be {lost: {reason: number}}", 0);
}
