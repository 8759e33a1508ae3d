import type { Answer, Outcome, Protocol, ProtocolRoute, Refusal, RefusalCode } from "../contract.ts";
import { STATUS, summaryOf, within } from "../faults.ts";
import { type PresentedKey, plainKey, presentedKey, queryOf } from "../requestKey.ts";
import { readLogs, readTraces } from "./read.ts";
import { encode } from "./schema.ts";

/** Exporters retry on 429 and 503, and on nothing else. */
const OTLP_STATUS: Readonly<Record<RefusalCode, number>> = { ...STATUS, internal: 503, repeatedDelivery: 200 };

/** Codes of google.rpc.Status by HTTP status. */
const RPC_CODE: Record<number, number> = { 400: 3, 401: 16, 413: 3, 415: 3, 429: 8, 503: 14 };

/** The protocol of OpenTelemetry's exporters over HTTP, in JSON or protobuf. */
export const otlp: Protocol = {
  name: "otlp",
  sendsAgain: true,
  routes: [routeOf("logs", readLogs), routeOf("traces", readTraces)],
};

function routeOf(signal: "logs" | "traces", read: ProtocolRoute["read"]): ProtocolRoute {
  const rejected = signal === "logs" ? "rejectedLogRecords" : "rejectedSpans";
  return {
    paths: [`/v1/${signal}`, `/api/:project/integration/otlp/v1/${signal}`],
    cors: {
      allowHeaders: ["authorization", "x-selfheal-key", "x-sentry-auth", "content-type", "content-encoding"],
      exposeHeaders: ["retry-after"],
    },
    maxBytes: (limits) => limits.maxEnvelopeBytes,
    key: otlpKey,
    read,
    answer: (outcome, request) => answer(outcome, isProtobuf(request), rejected),
  };
}

/** The key as in the native protocol, or as clients of Sentry's OTLP endpoint send it. */
function otlpKey(request: Request): PresentedKey {
  const named = /sentry_key=([^\s,]{1,512})/i.exec((request.headers.get("x-sentry-auth") ?? "").slice(0, 2048));
  const plain = plainKey(request);
  return plain.key === "" ? presentedKey(named?.[1], queryOf(request).get("sentry_key")) : plain;
}

function isProtobuf(request: Request): boolean {
  return (request.headers.get("content-type") ?? "").startsWith("application/x-protobuf");
}

/**
 * Answers in the content type of the request. Rejected Events are reported as a partial success, so that the exporter
 * does not send them again.
 */
function answer(outcome: Outcome, asProtobuf: boolean, rejectedName: string): Answer {
  if (outcome.kind === "refused") return refused(outcome.refusal, asProtobuf);
  const { rejected, contents } = outcome;
  const broken = contents.broken ?? [];
  const count = rejected.length + broken.reduce((sum, { events }) => sum + events, 0);
  const faults = [
    ...rejected.flatMap(({ index, faults: own }) => own.map((fault) => within(index, fault))),
    ...broken.map(({ fault }) => fault),
  ];
  const errorMessage = summaryOf(faults).slice(0, 2000);
  if (asProtobuf) {
    return protobuf(
      200,
      encode("ExportServiceResponse", count > 0 ? { partialSuccess: { rejected: count, errorMessage } } : {}),
    );
  }
  return json(200, count > 0 ? { partialSuccess: { [rejectedName]: String(count), errorMessage } } : {});
}

function refused({ code, message, retryAfterS }: Refusal, asProtobuf: boolean): Answer {
  const status = OTLP_STATUS[code];
  const said = { code: RPC_CODE[status] ?? 2, message };
  const sent = asProtobuf ? protobuf(status, encode("Status", said)) : json(status, said);
  if (retryAfterS !== null) sent.headers["retry-after"] = String(retryAfterS);
  return sent;
}

function protobuf(status: number, body: Uint8Array): Answer {
  return { status, headers: { "content-type": "application/x-protobuf" }, body };
}

function json(status: number, value: object): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
