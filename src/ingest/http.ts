import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Fault } from "../domain/errors.ts";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports.ts";
import type { Acceptor, AcceptResult } from "./accept.ts";
import type { KeyOwner, PresentedKey } from "./auth.ts";
import { readBody } from "./body.ts";
import { parseJson } from "./json.ts";
import type { IngestLimits, RateLimiter } from "./limits.ts";

/** What the routes of ingest work with. */
export interface RouteDeps {
  acceptor: Acceptor;
  authenticate: (presented: PresentedKey) => KeyOwner | null;
  limiter: RateLimiter;
  limits: IngestLimits;
  log: Log;
}

/** What a client is told to wait when the server has no room, in seconds. */
const RETRY_AFTER_S = 5;

/** `POST /v1/events`: one Event or an array. Every answer is JSON; 202 only once the Events are durable. */
export function createHttpRoutes(deps: RouteDeps): Hono {
  const { acceptor, limiter, limits } = deps;
  const app = new Hono();

  app.post("/v1/events", async (c) => {
    const owner = deps.authenticate(presentedKey(c));
    if (owner === null) {
      acceptor.drop("unauthorized");
      return refuse(c, 401, "unauthorized", "no such key: send it as Authorization: Bearer, x-selfheal-key or ?key=");
    }
    const first = await limiter.take(owner.keyId, 1);
    if (first.kind === "limited") return limited(c, deps, first.retryAfterMs, 1);
    const body = await readBody(c.req.raw, limits.maxBodyBytes);
    if (body.kind === "refused") {
      acceptor.drop(body.reason);
      return refuse(c, body.status, body.reason, body.message, [{ path: "", message: body.message }]);
    }
    const json = parseJson(body.text, limits.maxDepth);
    if (json.kind === "refused") {
      acceptor.drop(json.reason);
      return refuse(c, 400, json.reason, json.message, [{ path: "", message: json.message }]);
    }
    const wires = Array.isArray(json.value) ? json.value : [json.value];
    if (wires.length === 0 || wires.length > limits.maxEventsPerRequest) {
      const message = `must hold 1 to ${limits.maxEventsPerRequest} events, not ${wires.length}`;
      acceptor.drop("invalid", wires.length);
      return refuse(c, 400, "invalid", message, [{ path: "", message }]);
    }
    if (wires.length > 1) {
      const rest = await limiter.take(owner.keyId, wires.length - 1);
      if (rest.kind === "limited") return limited(c, deps, rest.retryAfterMs, wires.length);
    }
    return answer(c, await take(deps, wires, owner), Array.isArray(json.value));
  });
  return app;
}

/** The key of a request, wherever it stands. */
export function presentedKey(c: Context): PresentedKey {
  return {
    authorization: c.req.header("authorization"),
    header: c.req.header("x-selfheal-key"),
    query: c.req.query("key"),
  };
}

/** A JSON error: what is wrong in a word and in words, and each field that is wrong by its path. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  faults: readonly Fault[] = [],
): Response {
  return c.json({ error: { code, message, faults } }, status);
}

/** What to say about faults in one line. */
export function summaryOf(faults: readonly Fault[]): string {
  return faults.map((fault) => (fault.path === "" ? fault.message : `${fault.path}: ${fault.message}`)).join("; ");
}

/** Accepts, or `failed` when the store does not take them: the client still has them and tries again. */
export async function take(
  { acceptor, log }: RouteDeps,
  wires: readonly unknown[],
  owner: KeyOwner,
): Promise<AcceptResult | { kind: "failed" }> {
  try {
    return await acceptor.accept(wires, owner);
  } catch (thrown) {
    log.error("events could not be stored", { project: owner.project, reason: messageOf(thrown) });
    return { kind: "failed" };
  }
}

function limited(c: Context, { acceptor }: RouteDeps, retryAfterMs: number, events: number): Response {
  acceptor.drop("rateLimited", events);
  c.header("Retry-After", String(Math.ceil(retryAfterMs / 1000)));
  return refuse(c, 429, "rateLimited", "too many events for this key; send them again after Retry-After seconds");
}

function answer(c: Context, result: AcceptResult | { kind: "failed" }, isArray: boolean): Response {
  if (result.kind !== "accepted") {
    c.header("Retry-After", String(RETRY_AFTER_S));
    const [code, message] =
      result.kind === "full"
        ? ["queueFull", "too many events wait"]
        : ["unavailable", "the events could not be stored"];
    return refuse(c, 503, code, `${message}; send them again after Retry-After seconds`);
  }
  const { ids, rejected } = result;
  if (rejected.length === ids.length) {
    const faults = rejected.flatMap((one) => one.faults.map((f) => (isArray ? within(one.index, f) : f)));
    return refuse(c, 400, "invalid", summaryOf(faults), faults);
  }
  const accepted = ids.length - rejected.length;
  return c.json(rejected.length === 0 ? { accepted, ids } : { accepted, ids, rejected }, 202);
}

/** A fault of one of several Events: `[3].exception.type`. */
export function within(index: number, fault: Fault): Fault {
  return { path: fault.path === "" ? `[${index}]` : `[${index}].${fault.path}`, message: fault.message };
}
