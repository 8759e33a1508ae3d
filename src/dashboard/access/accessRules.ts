import { TrieRouter } from "hono/router/trie-router";
import type { Role } from "../../domain/access.ts";

/**
 * On what the role is needed. `all`: on every service. `any`: on at least one service; the route shows only what the
 * caller may see. The others: on the service of what the path parameter names.
 */
export type Reach = "all" | "any" | "ticket" | "issue" | "lesson" | "suppression" | "issueRule" | "thread";

/**
 * Who may use a route. `public`: anybody. `key`: ingest, which checks its own keys. `signed`: the signature in the path
 * counts. `closed`: nobody.
 */
export type AccessRule = { least: Role; on: Reach } | { least: "public" | "key" | "signed" | "closed" };

type Row = readonly [method: string, path: string, least: Role | "public" | "key" | "signed" | "closed", on?: Reach];

/** The dashboard, the REST API and sign-in. */
const OWN_ROUTES: readonly Row[] = [
  ["GET", "/dashboard.css", "public"],
  ["GET", "/dashboard.js", "public"],
  ["GET", "/favicon.svg", "public"],
  ["GET", "/healthz", "public"],
  ["GET", "/login", "public"],
  ["POST", "/login", "public"],
  ["GET", "/login/:provider", "public"],
  ["GET", "/login/:provider/callback", "public"],
  ["GET", "/answer/:token", "signed"],
  ["POST", "/answer/:token", "signed"],

  ["POST", "/logout", "viewer", "any"],
  ["GET", "/", "viewer", "any"],
  ["GET", "/tickets/:id", "viewer", "ticket"],
  ["POST", "/tickets/:id/decision", "approver", "ticket"],
  ["POST", "/tickets/:id/retry", "approver", "ticket"],
  ["POST", "/tickets/:id/dismiss", "approver", "ticket"],
  ["POST", "/tickets/:id/applied", "approver", "ticket"],
  ["GET", "/autonomy", "viewer", "any"],
  ["POST", "/autonomy", "admin", "any"],
  ["GET", "/ingest", "viewer", "all"],
  ["POST", "/pause", "approver", "any"],
  ["POST", "/resume", "admin", "all"],
  ["GET", "/users", "admin", "all"],
  ["POST", "/users", "admin", "all"],
  ["POST", "/users/:name/token", "admin", "all"],
  ["POST", "/users/:name/remove", "admin", "all"],
  ["POST", "/tokens/:id/revoke", "admin", "all"],

  ["GET", "/v1/me", "viewer", "any"],
  ["GET", "/v1/status", "viewer", "any"],
  ["GET", "/v1/tickets", "viewer", "any"],
  ["GET", "/v1/tickets/:id", "viewer", "ticket"],
  ["GET", "/v1/tickets/:id/receipt", "viewer", "ticket"],
  ["GET", "/v1/tickets/:id/prompts", "viewer", "ticket"],
  ["POST", "/v1/tickets/:id/decision", "approver", "ticket"],
  ["POST", "/v1/tickets/:id/retry", "approver", "ticket"],
  ["POST", "/v1/tickets/:id/dismiss", "approver", "ticket"],
  ["POST", "/v1/tickets/:id/applied", "approver", "ticket"],
  ["POST", "/v1/start", "approver", "any"],
  ["GET", "/v1/issues", "viewer", "any"],
  ["GET", "/v1/issues/:id", "viewer", "issue"],
  ["POST", "/v1/issues/:id/merge", "approver", "issue"],
  ["POST", "/v1/issues/:id/split", "approver", "issue"],
  ["GET", "/v1/issue-rules", "viewer", "any"],
  ["DELETE", "/v1/issue-rules/:id", "approver", "issueRule"],
  ["GET", "/v1/audit", "viewer", "any"],
  ["GET", "/v1/audit/verify", "viewer", "all"],
  ["GET", "/v1/audit/export", "viewer", "all"],
  ["GET", "/v1/suppressions", "viewer", "any"],
  ["POST", "/v1/suppressions", "approver", "any"],
  ["DELETE", "/v1/suppressions/:id", "approver", "suppression"],
  ["GET", "/v1/memory", "viewer", "any"],
  ["DELETE", "/v1/memory/:id", "approver", "lesson"],
  ["GET", "/v1/autonomy", "viewer", "any"],
  ["PUT", "/v1/autonomy", "admin", "any"],
  ["DELETE", "/v1/autonomy", "admin", "any"],
  ["GET", "/v1/stats", "viewer", "all"],
  ["POST", "/v1/stats/retry", "admin", "all"],
  ["POST", "/v1/pause", "approver", "any"],
  ["POST", "/v1/resume", "admin", "all"],
  ["POST", "/v1/breaker/close", "admin", "all"],
  ["POST", "/v1/config/reload", "admin", "all"],
  ["POST", "/v1/retention", "admin", "all"],
  ["GET", "/v1/sourcemaps", "viewer", "all"],
  ["PUT", "/v1/sourcemaps", "admin", "all"],
  ["DELETE", "/v1/sourcemaps", "admin", "all"],
  ["GET", "/v1/users", "admin", "all"],
  ["PUT", "/v1/users/:name", "admin", "all"],
  ["DELETE", "/v1/users/:name", "admin", "all"],
  ["POST", "/v1/users/:name/tokens", "admin", "all"],
  ["DELETE", "/v1/tokens/:id", "admin", "all"],
];

/** Ingest checks its own keys (src/ingest/admission). */
const INGEST_ROUTES: readonly Row[] = [
  ["POST", "/v1/events", "key"],
  ["POST", "/v1/lost", "key"],
  ["POST", "/v1/traces", "key"],
  ["POST", "/v1/logs", "key"],
  ["POST", "/api/:project/integration/otlp/v1/traces", "key"],
  ["POST", "/api/:project/integration/otlp/v1/logs", "key"],
  ["POST", "/api/:project/envelope", "key"],
  ["POST", "/api/:project/envelope/", "key"],
  ["POST", "/api/:project/store", "key"],
  ["POST", "/api/:project/store/", "key"],
  ["POST", "/tunnel", "key"],
  ["GET", "/v1/stream", "key"],
];

/**
 * The LangGraph API, which Studio and the SDK use. Whoever may approve on a ticket's service may answer its question
 * there; what else a run or a state may do is decided in src/graph/apiGuard.ts.
 */
const LANGGRAPH_ROUTES: readonly Row[] = [
  ["GET", "/info", "viewer", "any"],
  ["GET", "/ok", "viewer", "any"],
  ["POST", "/internal/truncate", "closed"],

  ["POST", "/assistants/search", "viewer", "any"],
  ["POST", "/assistants/count", "viewer", "any"],
  ["GET", "/assistants/:assistant_id", "viewer", "any"],
  ["GET", "/assistants/:assistant_id/graph", "viewer", "any"],
  ["GET", "/assistants/:assistant_id/schemas", "viewer", "any"],
  ["GET", "/assistants/:assistant_id/subgraphs/:namespace?", "viewer", "any"],
  ["POST", "/assistants/:assistant_id/versions", "viewer", "any"],
  ["POST", "/assistants", "admin", "all"],
  ["PATCH", "/assistants/:assistant_id", "admin", "all"],
  ["DELETE", "/assistants/:assistant_id", "admin", "all"],
  ["POST", "/assistants/:assistant_id/latest", "admin", "all"],

  ["POST", "/threads/search", "viewer", "all"],
  ["POST", "/threads/count", "viewer", "all"],
  ["POST", "/threads", "admin", "all"],
  ["GET", "/threads/:thread_id", "viewer", "thread"],
  ["PATCH", "/threads/:thread_id", "admin", "all"],
  ["DELETE", "/threads/:thread_id", "admin", "all"],
  ["POST", "/threads/:thread_id/copy", "admin", "all"],
  ["GET", "/threads/:thread_id/state", "viewer", "thread"],
  ["POST", "/threads/:thread_id/state", "admin", "all"],
  ["GET", "/threads/:thread_id/state/:checkpoint_id", "viewer", "thread"],
  ["POST", "/threads/:thread_id/state/checkpoint", "viewer", "thread"],
  ["GET", "/threads/:thread_id/history", "viewer", "thread"],
  ["POST", "/threads/:thread_id/history", "viewer", "thread"],
  ["GET", "/threads/:thread_id/stream/events", "viewer", "thread"],
  ["POST", "/threads/:thread_id/stream/events", "viewer", "thread"],
  ["POST", "/threads/:thread_id/commands", "admin", "all"],

  ["GET", "/threads/:thread_id/runs", "viewer", "thread"],
  ["POST", "/threads/:thread_id/runs", "approver", "thread"],
  ["POST", "/threads/:thread_id/runs/stream", "approver", "thread"],
  ["POST", "/threads/:thread_id/runs/wait", "approver", "thread"],
  ["GET", "/threads/:thread_id/runs/:run_id", "viewer", "thread"],
  ["DELETE", "/threads/:thread_id/runs/:run_id", "admin", "all"],
  ["GET", "/threads/:thread_id/runs/:run_id/join", "viewer", "thread"],
  ["GET", "/threads/:thread_id/runs/:run_id/stream", "viewer", "thread"],
  ["POST", "/threads/:thread_id/runs/:run_id/cancel", "admin", "all"],
  ["POST", "/threads/:thread_id/runs/crons", "admin", "all"],
  ["POST", "/runs", "admin", "all"],
  ["POST", "/runs/batch", "admin", "all"],
  ["POST", "/runs/stream", "admin", "all"],
  ["POST", "/runs/wait", "admin", "all"],
  ["GET", "/runs/:run_id/stream", "viewer", "all"],
  ["POST", "/runs/crons", "admin", "all"],
  ["POST", "/runs/crons/search", "viewer", "all"],
  ["DELETE", "/runs/crons/:cron_id", "admin", "all"],

  ["POST", "/store/namespaces", "admin", "all"],
  ["POST", "/store/items/search", "admin", "all"],
  ["PUT", "/store/items", "admin", "all"],
  ["DELETE", "/store/items", "admin", "all"],
  ["GET", "/store/items", "admin", "all"],
];

/** Every route and the least role that may use it. A route that is not listed is closed. */
export const ACCESS_RULES = [...OWN_ROUTES, ...INGEST_ROUTES, ...LANGGRAPH_ROUTES];

/** The rule of a request, and the parameters of its path. */
export interface FoundRule {
  rule: AccessRule;
  params: Readonly<Record<string, string>>;
}

const CLOSED: FoundRule = { rule: { least: "closed" }, params: {} };

const router = createRouter();

/**
 * Finds the rule of a request. `path`: as it was sent; `readPath`: as Hono reads it, with most escapes decoded. Both must
 * have the same rule. Default: closed.
 */
export function ruleOf(method: string, path: string, readPath = path): FoundRule {
  const sent = found(method, path);
  const read = path === readPath ? sent : found(method, readPath);
  return sent !== null && read?.rule === sent.rule ? sent : CLOSED;
}

function found(method: string, path: string): FoundRule | null {
  if (!isPlainPath(path)) return null;
  const [matches] = router.match(method === "HEAD" ? "GET" : method, path);
  const [first] = matches.toSorted(([a], [b]) => a.order - b.order);
  if (first === undefined) return null;
  const [{ rule }, params] = first;
  return { rule, params: { ...(params as Record<string, string>) } };
}

/**
 * Whether two programs must read the path in the same way: no empty or dot segment, nothing encoded that could be a
 * separator or a dot, no control character.
 */
function isPlainPath(path: string): boolean {
  return !/\/\/|\/\.{1,2}(?:\/|$)|\\|;|%(?:2[ef]|5c|25|0|1|7f)|[\p{Cc}]/iu.test(path);
}

function createRouter() {
  const made = new TrieRouter<{ rule: AccessRule; order: number }>();
  // A rule without a parameter goes before one with, whatever the order of the table.
  const sorted = ACCESS_RULES.toSorted(([, a], [, b]) => parameters(a) - parameters(b));
  for (const [order, [method, path, least, on]] of sorted.entries()) {
    const rule = on === undefined ? { least: least as "closed" } : { least: least as Role, on };
    made.add(method, path, { rule, order });
  }
  return made;
}

function parameters(path: string): number {
  return path.split("/").filter((part) => part.startsWith(":")).length;
}
