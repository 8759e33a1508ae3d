import { type Context, Hono } from "hono";
import { messageOf } from "../../domain/errors.ts";
import type { DropReason } from "../../domain/event.ts";
import type { SignedDelivery } from "../../domain/ports/eventSpool.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Acceptor, AcceptResult, DropOf } from "../accept.ts";
import { type Admission, putOff } from "../admission/admission.ts";
import type { ByteBudget, ByteLease } from "../admission/byteBudget.ts";
import { keyAccount } from "../admission/cpuBudget.ts";
import type { KeyOwner } from "../admission/ingestKeys.ts";
import type { IngestLimits } from "../admission/rateLimiter.ts";
import type { WorkLane } from "../admission/workLane.ts";
import { documentReader } from "../normalize.ts";
import type { Answer, EventReader, Outcome, Protocol, ProtocolRoute, Refusal } from "../protocols/contract.ts";
import { corsHeaders, preflightHeaders } from "../protocols/cors.ts";
import { readBody } from "./body.ts";

/** What the ingest routes depend on. */
export interface RouteDeps {
  acceptor: Acceptor;
  gate: Admission;
  limits: IngestLimits;
  budget: ByteBudget;
  /** Where bodies are parsed. */
  lane: Pick<WorkLane, "run">;
  log: Log;
}

/** One request, and what its steps need. */
interface Asked {
  protocol: Protocol;
  route: ProtocolRoute;
  request: Request;
  /** The client's address, for the rate limits. */
  address: string;
  lease: ByteLease;
}

/**
 * Creates the HTTP routes of every protocol. All have the same steps; a protocol only reads bodies and formats answers.
 */
export function createHttpRoutes(protocols: readonly Protocol[], deps: RouteDeps): Hono {
  const app = new Hono();
  for (const protocol of protocols) {
    for (const route of protocol.routes) {
      for (const path of route.paths) {
        app.options(path, (c) => c.body(null, 204, preflightHeaders(route.cors)));
        app.post(path, (c) => serve(protocol, route, deps, c));
      }
    }
  }
  return app;
}

async function serve(protocol: Protocol, route: ProtocolRoute, deps: RouteDeps, c: Context): Promise<Response> {
  const request = c.req.raw;
  const lease = deps.budget.open();
  try {
    const asked = { protocol, route, request, lease, address: deps.gate.addressOf(c) };
    return response(route, route.answer(await outcomeOf(asked, deps), request));
  } catch (thrown) {
    deps.log.error("ingest failed", { protocol: protocol.name, reason: messageOf(thrown) });
    deps.acceptor.drop("unavailable", 1, { project: "", sendsAgain: protocol.sendsAgain });
    return response(
      route,
      route.answer({ kind: "refused", refusal: putOff("internal", "this is our fault") }, request),
    );
  } finally {
    lease.give();
  }
}

function response(route: ProtocolRoute, { status, headers, body }: Answer): Response {
  return new Response(body as string, { status, headers: { ...corsHeaders(route.cors), ...headers } });
}

/** The steps: key, rate, body, contents, rate again, commit. A refusal is counted where it is created. */
async function outcomeOf(asked: Asked, deps: RouteDeps): Promise<Outcome> {
  const { protocol, route, request, address, lease } = asked;
  const { acceptor, gate, limits, lane } = deps;
  const { sendsAgain } = protocol;
  const refuse = (refusal: Refusal, project = ""): Outcome => refused(acceptor, refusal, { project, sendsAgain });

  const loadFactor = await gate.admit(address);
  if (loadFactor !== null) return refuse(loadFactor);
  const shown = gate.identify(request, route);
  if (shown.kind === "bad") return refuse(await gate.unknown(address, shown.why));
  const isSigned = shown.kind === "signed";
  const early = shown.kind === "none" ? null : shown.owner;
  if (early === null && route.keyInBody === undefined) return refuse(await gate.unknown(address));
  // A client that sends again is refused before its body is read. For other clients every lost Event is counted, and the
  // losses that they report are read, unless there is no CPU time left to read anything.
  const turnedAway = early === null ? null : await refuseEarly(early, { sendsAgain, isSigned }, deps);
  if (turnedAway !== null) return refuse(turnedAway, early?.project);

  const onSent = shown.kind === "signed" ? shown.request.update : undefined;
  const body = await readBody(request, { maxBytes: route.maxBytes(limits), lease, onSent });
  if (body.kind === "refused") return refuse(unread(body.code, body.message), early?.project);
  if (shown.kind === "signed" && !shown.request.isGood()) {
    return refuse(await gate.unknown(address, "the signature does not fit the body"));
  }
  const owner = early ?? gate.ownerOf(route.keyInBody?.(body.bytes) ?? "");
  if (owner === null) return refuse(await gate.unknown(address));
  const contentType = request.headers.get("content-type") ?? "";
  // Again, because what the key sent at the same time has been booked by now.
  const overspent = gate.cpuRefusal(owner);
  if (overspent !== null) return refuse(overspent, owner.project);
  const contents = await lane.run(keyAccount(owner), () =>
    route.read({ bytes: body.bytes, contentType, limits, document: documentReader }),
  );
  if ("code" in contents) return refuse(contents, owner.project);

  for (const { reason, events } of contents.broken ?? [])
    acceptor.drop(reason, events, { project: owner.project, sendsAgain: false });
  await acceptor.note(contents, owner.project);
  const events = contents.events.length;
  const limited = await gate.charge(owner, events - (early !== null && sendsAgain && !isSigned ? 1 : 0), events);
  if (limited !== null) return refuse(limited, owner.project);
  const result = await acceptEvents(
    deps,
    contents.events,
    owner,
    shown.kind === "signed" ? shown.request.delivery : undefined,
  );
  return result.kind === "accepted"
    ? { ...result, kind: "taken", contents }
    : refuse(notTaken(result.kind, events), owner.project);
}

/**
 * The refusal of a client before its body is read; null if the body may be read. A signed request takes nothing from the
 * key's budget yet: its key id is public, and only the signature, which covers the body, shows who spends the budget.
 */
async function refuseEarly(
  owner: KeyOwner,
  { sendsAgain, isSigned }: { sendsAgain: boolean; isSigned: boolean },
  { acceptor, gate }: RouteDeps,
): Promise<Refusal | null> {
  const overspent = gate.cpuRefusal(owner);
  if (overspent !== null || !sendsAgain) return overspent;
  if ((await acceptor.pressure()) === "hard") return putOff("queueFull", "too many events wait");
  return isSigned ? null : gate.charge(owner, 1, 1);
}

function unread(code: Refusal["code"] | "busy", message: string): Refusal {
  if (code === "busy") return putOff("queueFull", message);
  return { code, message, faults: [{ path: "", message }], retryAfterS: null };
}

function notTaken(kind: "full" | "failed" | "repeatedDelivery", events: number): Refusal {
  if (kind === "full") return putOff("queueFull", "too many events wait", events);
  if (kind === "failed") return putOff("unavailable", "the events could not be stored", events);
  return { code: "repeatedDelivery", message: "this delivery was taken already", faults: [], retryAfterS: null };
}

const REASONS: Record<Refusal["code"], DropReason | null> = {
  unauthorized: "unauthorized",
  invalid: "invalid",
  unsupportedEncoding: "invalid",
  tooLarge: "tooLarge",
  tooDeep: "tooDeep",
  rateLimited: "rateLimited",
  cpuLimited: "cpuLimited",
  queueFull: "queueFull",
  unavailable: "unavailable",
  internal: "unavailable",
  // Its Events were counted at the first delivery.
  repeatedDelivery: null,
};

function refused(acceptor: Acceptor, refusal: Refusal, of: DropOf): Outcome {
  const reason = REASONS[refusal.code];
  if (reason !== null) acceptor.drop(reason, refusal.events ?? 1, of);
  return { kind: "refused", refusal };
}

/** Accepts Events. `failed`: the store failed, and a client that sends again still has the Events. */
export async function acceptEvents(
  { acceptor, log }: RouteDeps,
  events: readonly EventReader[],
  owner: KeyOwner,
  delivery?: SignedDelivery,
): Promise<AcceptResult | { kind: "failed" }> {
  try {
    return await acceptor.accept(events, owner, delivery);
  } catch (thrown) {
    log.error("events could not be stored", { project: owner.project, reason: messageOf(thrown) });
    return { kind: "failed" };
  }
}
