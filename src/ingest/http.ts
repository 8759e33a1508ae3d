import { type Context, Hono } from "hono";
import { messageOf } from "../domain/errors.ts";
import type { DropReason } from "../domain/event.ts";
import type { Log } from "../domain/ports.ts";
import type { Acceptor, AcceptResult } from "./accept.ts";
import type { Authenticate, KeyOwner } from "./auth.ts";
import { readBody } from "./body.ts";
import type { ByteBudget, ByteLease } from "./budget.ts";
import type { IngestLimits, RateLimiter } from "./limits.ts";
import { documentReader } from "./normalize.ts";
import type { Answer, EventReader, Outcome, Protocol, ProtocolRoute, Refusal } from "./protocols/contract.ts";
import { corsHeaders, preflightHeaders } from "./protocols/cors.ts";

/** What the routes of ingest work with. */
export interface RouteDeps {
  acceptor: Acceptor;
  authenticate: Authenticate;
  limiter: RateLimiter;
  limits: IngestLimits;
  budget: ByteBudget;
  log: Log;
}

/** What a client is told to wait when the server has no room, in seconds. */
const RETRY_AFTER_S = 5;

/** The routes of every protocol: the same steps for all, in the protocol's own words. */
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
  const lease = deps.budget.open();
  try {
    const outcome = await outcomeOf(route, deps, c.req.raw, lease);
    return response(route, route.answer(outcome, c.req.raw));
  } catch (thrown) {
    deps.log.error("ingest failed", { protocol: protocol.name, reason: messageOf(thrown) });
    return response(route, route.answer({ kind: "refused", refusal: OUR_FAULT }, c.req.raw));
  } finally {
    lease.give();
  }
}

const OUR_FAULT: Refusal = {
  code: "internal",
  message: "this is our fault; the events were not taken, send them again",
  faults: [],
  retryAfterS: RETRY_AFTER_S,
};

function response(route: ProtocolRoute, { status, headers, body }: Answer): Response {
  return new Response(body as string, { status, headers: { ...corsHeaders(route.cors), ...headers } });
}

async function outcomeOf(route: ProtocolRoute, deps: RouteDeps, request: Request, lease: ByteLease): Promise<Outcome> {
  const { acceptor, limits } = deps;
  const refused = (refusal: Refusal, reason: DropReason | null = reasonOf(refusal)): Outcome => {
    if (reason !== null) acceptor.drop(reason, refusal.events ?? 1);
    return { kind: "refused", refusal };
  };
  const early = deps.authenticate(route.key(request));
  if (early === null && route.keyInBody === undefined) return refused(NO_KEY);
  const first = early === null ? null : await limitedBy(deps, early, 1);
  if (first !== null) return refused(first);

  const body = await readBody(request, { maxBytes: route.maxBytes(limits), lease });
  if (body.kind === "refused") {
    if (body.code === "busy") return refused(putOff("queueFull", body.message));
    return refused({
      code: body.code,
      message: body.message,
      faults: [{ path: "", message: body.message }],
      retryAfterS: null,
    });
  }
  const owner = early ?? deps.authenticate(route.keyInBody?.(body.bytes) ?? "");
  if (owner === null) return refused(NO_KEY);
  const contentType = request.headers.get("content-type") ?? "";
  const contents = route.read({ bytes: body.bytes, contentType, limits, document: documentReader });
  if ("code" in contents) return refused(contents);

  const events = contents.events.length;
  const more = events - (early === null ? 0 : 1);
  const rest = more > 0 ? await limitedBy(deps, owner, more, events) : null;
  if (rest !== null) return refused(rest);
  const result = await take(deps, contents.events, owner);
  if (result.kind === "accepted") return { ...result, kind: "taken", contents };
  // What the acceptor turned away it has counted itself.
  if (result.kind === "full") return refused(putOff("queueFull", "too many events wait", events), null);
  return refused(putOff("unavailable", "the events could not be stored", events), null);
}

const NO_KEY: Refusal = {
  code: "unauthorized",
  message: "no such key: send it as Authorization: Bearer, x-selfheal-key or ?key=",
  faults: [],
  retryAfterS: null,
};

function putOff(code: Refusal["code"], message: string, events = 1): Refusal {
  return {
    code,
    message: `${message}; send again after Retry-After seconds`,
    faults: [],
    retryAfterS: RETRY_AFTER_S,
    events,
  };
}

/** Null when the key may send that many more. */
async function limitedBy(
  { limiter }: RouteDeps,
  owner: KeyOwner,
  more: number,
  events = more,
): Promise<Refusal | null> {
  const rate = await limiter.take(owner.keyId, more);
  if (rate.kind === "granted") return null;
  const refusal = putOff("rateLimited", "too many events for this key", events);
  return { ...refusal, retryAfterS: Math.ceil(rate.retryAfterMs / 1000) };
}

const REASONS: Partial<Record<Refusal["code"], DropReason>> = {
  unauthorized: "unauthorized",
  invalid: "invalid",
  unsupportedEncoding: "invalid",
  tooLarge: "tooLarge",
  tooDeep: "tooDeep",
  rateLimited: "rateLimited",
  queueFull: "queueFull",
};

function reasonOf({ code }: Refusal): DropReason | null {
  return REASONS[code] ?? null;
}

/** Accepts, or `failed` when the store does not take them: the client still has them and tries again. */
export async function take(
  { acceptor, log }: RouteDeps,
  events: readonly EventReader[],
  owner: KeyOwner,
): Promise<AcceptResult | { kind: "failed" }> {
  try {
    return await acceptor.accept(events, owner);
  } catch (thrown) {
    log.error("events could not be stored", { project: owner.project, reason: messageOf(thrown) });
    return { kind: "failed" };
  }
}
