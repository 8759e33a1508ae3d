import { z } from "zod";
import { Grant, User, UserToken } from "../domain/access.ts";
import { AgentPrompt } from "../domain/agentPrompt.ts";
import type { ApprovalDecision } from "../domain/approval.ts";
import { AuditEntry } from "../domain/audit.ts";
import { AuditCheck } from "../domain/auditChain.ts";
import { ServiceAutonomy } from "../domain/autonomy.ts";
import { Deployment } from "../domain/deployment.ts";
import { messageOf } from "../domain/errors.ts";
import { IngestReport } from "../domain/ingestCount.ts";
import { Issue } from "../domain/issue.ts";
import { Lesson } from "../domain/lesson.ts";
import { Activity } from "../domain/recentEvents.ts";
import { RetentionReport } from "../domain/retention.ts";
import { SourceMapRelease } from "../domain/sourceMap.ts";
import { TicketCost } from "../domain/spend.ts";
import { Suppression } from "../domain/suppression.ts";
import { IssueVariant, TaughtRule } from "../domain/taughtRule.ts";
import { Ticket } from "../domain/ticket.ts";
import { LinkedIssue, Origin } from "../domain/trace.ts";
import { CliError, type Io } from "./io.ts";

const DEFAULT_URL = "http://127.0.0.1:4700";
const TIMEOUT_MS = 30_000;
/** For responses whose size or time grows with the stored data. */
const LONG_TIMEOUT_MS = 600_000;

const PromptList = z.object({ prompts: z.array(AgentPrompt) });
const TicketList = z.object({ tickets: z.array(Ticket) });

/**
 * The response of `GET /v1/tickets/:id`: a ticket with its Issues, diff, deployment and AuditEntries (oldest first).
 */
export const Receipt = z.object({
  ticket: Ticket,
  issues: z.array(Issue),
  diff: z.string().nullable(),
  deployment: Deployment.nullable(),
  audit: z.array(AuditEntry),
  /** Absent in responses of older servers. */
  cost: TicketCost.optional(),
  activity: Activity.optional(),
});
export type Receipt = z.infer<typeof Receipt>;

const Status = z.looseObject({
  paused: z.boolean(),
  pausedBecause: z.string().nullable().optional(),
  openApprovals: z.number(),
  sandbox: z.string(),
});
export type Status = z.infer<typeof Status>;

const HeldSuppression = Suppression.extend({ title: z.string(), events: z.number() });
export type HeldSuppression = z.infer<typeof HeldSuppression>;
const SuppressionList = z.object({ suppressions: z.array(HeldSuppression) });
const LessonList = z.object({ lessons: z.array(Lesson) });
const Suppressed = z.object({ suppressions: z.array(Suppression) });

const ShownIssue = z.object({
  issue: Issue,
  variants: z.array(IssueVariant),
  rules: z.array(TaughtRule),
  origin: Origin.nullable(),
  linked: z.array(LinkedIssue),
});
export type ShownIssue = z.infer<typeof ShownIssue>;

/** The result of a merge, of a split, or of an undo. */
const Regrouped = z.object({ rules: z.array(TaughtRule), issueId: z.string(), notes: z.array(z.string()) });
export type Regrouped = z.infer<typeof Regrouped>;

const AutonomyList = z.object({ autonomy: z.array(ServiceAutonomy) });

const Reloaded = z.object({ changed: z.array(z.string()), needsRestart: z.array(z.string()) });
export type Reloaded = z.infer<typeof Reloaded>;

const Done = z.object({ ticketId: z.string(), state: z.string() });
export type Done = z.infer<typeof Done>;

const ListedUser = User.extend({ tokens: z.array(UserToken.omit({ hash: true })) });
type ListedUser = z.infer<typeof ListedUser>;

const Me = z.object({ name: z.string(), grants: z.array(Grant) });
type Me = z.infer<typeof Me>;

const Decided = z.looseObject({ accepted: z.boolean(), needs: z.string().optional() });

const ErrorReply = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Options of every command that talks to a server. */
export interface ServerOptions {
  url?: string;
  token?: string;
}

/**
 * REST client of a running server. Every method throws CliError with a message that says what to do.
 * @example
 * const client = createRestClient(io, { url: "http://127.0.0.1:4700", token });
 * const { ticket, diff } = await client.receipt("3f2a91");
 */
export interface RestClient {
  /** Who the token belongs to. */
  me(): Promise<Me>;
  users(): Promise<ListedUser[]>;
  /** Creates a user, or replaces what they may do. */
  putUser(name: string, grants: Grant[]): Promise<void>;
  removeUser(name: string): Promise<void>;
  /** The token is in this response only. */
  issueToken(name: string): Promise<{ token: string; id: string }>;
  revokeToken(id: string): Promise<void>;
  tickets(filter: Record<string, string>): Promise<Ticket[]>;
  receipt(ref: string): Promise<Receipt>;
  /** The prompts that agents would send for a ticket. */
  prompts(ref: string): Promise<AgentPrompt[]>;
  /** Returns who must still approve, and why; null: the answer decided. */
  decide(ticketId: string, decision: Omit<ApprovalDecision, "diff">): Promise<string | null>;
  setPaused(paused: boolean, by: string): Promise<Status>;
  runRetention(dryRun: boolean): Promise<RetentionReport>;
  verifyAudit(expect?: string): Promise<AuditCheck>;
  /** The log as a stream of JSON lines. */
  exportAudit(ticketId?: string): Promise<ReadableStream<Uint8Array>>;
  closeBreaker(by: string): Promise<Status>;
  stats(): Promise<IngestReport>;
  /** Puts the Events that were set aside back into the queue. Returns their number. */
  retrySetAside(): Promise<number>;
  autonomy(): Promise<ServiceAutonomy[]>;
  setAutonomy(change: {
    service: string;
    severity: string | null;
    level: string;
    by: string;
  }): Promise<ServiceAutonomy[]>;
  clearAutonomy(change: { service: string; severity: string | null; by: string }): Promise<ServiceAutonomy[]>;
  suppressions(): Promise<HeldSuppression[]>;
  suppress(wanted: { of: string; reason: string; by: string; forMs: number }): Promise<Suppression[]>;
  unsuppress(id: string, by: string): Promise<void>;
  lessons(service?: string): Promise<Lesson[]>;
  forget(id: string, by: string): Promise<void>;
  issues(service?: string): Promise<Issue[]>;
  issue(id: string): Promise<ShownIssue>;
  mergeIssue(id: string, what: { into: string; by: string; reason: string }): Promise<Regrouped>;
  splitIssue(
    id: string,
    what: { event?: string | undefined; strict?: string | undefined; by: string; reason: string },
  ): Promise<Regrouped>;
  issueRules(): Promise<TaughtRule[]>;
  undoIssueRule(id: string, by: string): Promise<Regrouped>;
  sourceMaps(): Promise<SourceMapRelease[]>;
  /** `query`: the parameters of the route, such as release and file. */
  uploadSourceMap(query: Record<string, string>, text: string): Promise<void>;
  /** Returns the number of removed maps. */
  removeSourceMaps(query: Record<string, string>): Promise<number>;
  /** Makes the server read its configuration file again. */
  reloadConfig(): Promise<Reloaded>;
  /** Starts work on a ticket or an Issue at a person's request. */
  start(of: string, who: { by: string; message: string }): Promise<Done>;
  /** Records that a proposal was applied. `commit` null: the server searches the branch for the commit that matches. */
  applied(ticketId: string, what: { by: string; commit: string | null }): Promise<Done>;
  /** Closes a ticket that has no open question. */
  dismiss(ticketId: string, who: { by: string; message: string }): Promise<Done>;
}

/** Creates the client from the command's options and the environment. Throws CliError if the URL is invalid. */
export function createRestClient(io: Io, options: ServerOptions): RestClient {
  const base = serverUrl(io, options);
  const token = serverToken(io, options);
  const call = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown) =>
    request(io, { base, token, method, path, body, timeoutMs: TIMEOUT_MS });
  const long = (path: string) => ({ base, token, method: "GET", path, timeoutMs: LONG_TIMEOUT_MS }) as const;
  return {
    tickets: async (filter) =>
      read(TicketList, await call("GET", `/v1/tickets?${new URLSearchParams(filter)}`)).tickets,
    users: async () => read(z.object({ users: z.array(ListedUser) }), await call("GET", "/v1/users")).users,
    putUser: async (name, grants) => {
      await call("PUT", `/v1/users/${encodeURIComponent(name)}`, { grants });
    },
    removeUser: async (name) => {
      await call("DELETE", `/v1/users/${encodeURIComponent(name)}`);
    },
    issueToken: async (name) =>
      read(
        z.object({ token: z.string(), id: z.string() }),
        await call("POST", `/v1/users/${encodeURIComponent(name)}/tokens`, {}),
      ),
    revokeToken: async (id) => {
      await call("DELETE", `/v1/tokens/${encodeURIComponent(id)}`);
    },
    me: async () => read(Me, await call("GET", "/v1/me")),
    prompts: async (ref) =>
      read(PromptList, await call("GET", `/v1/tickets/${encodeURIComponent(ref)}/prompts`)).prompts,
    receipt: async (ref) => read(Receipt, await call("GET", `/v1/tickets/${encodeURIComponent(ref)}`)),
    decide: async (ticketId, decision) => {
      return read(Decided, await call("POST", `/v1/tickets/${ticketId}/decision`, decision)).needs ?? null;
    },
    setPaused: async (paused, by) => read(Status, await call("POST", paused ? "/v1/pause" : "/v1/resume", { by })),
    runRetention: async (dryRun) => {
      const wanted = { ...long("/v1/retention"), method: "POST", body: { dryRun } } as const;
      return read(RetentionReport, await request(io, wanted));
    },
    verifyAudit: async (expect) =>
      read(AuditCheck, await request(io, long(withQuery("/v1/audit/verify", expect === undefined ? {} : { expect })))),
    exportAudit: async (ticketId) => {
      const reply = await reach(io, long(withQuery("/v1/audit/export", ticketId === undefined ? {} : { ticketId })));
      if (!reply.ok || reply.body === null) throw await faultOf(reply);
      return reply.body;
    },
    stats: async () => read(IngestReport, await call("GET", "/v1/stats")),
    retrySetAside: async () => read(z.object({ retried: z.number() }), await call("POST", "/v1/stats/retry")).retried,
    autonomy: async () => read(AutonomyList, await call("GET", "/v1/autonomy")).autonomy,
    setAutonomy: async (change) => read(AutonomyList, await call("PUT", "/v1/autonomy", change)).autonomy,
    clearAutonomy: async (change) => read(AutonomyList, await call("DELETE", "/v1/autonomy", change)).autonomy,
    suppressions: async () => read(SuppressionList, await call("GET", "/v1/suppressions")).suppressions,
    suppress: async (wanted) => read(Suppressed, await call("POST", "/v1/suppressions", wanted)).suppressions,
    unsuppress: async (id, by) => {
      await call("DELETE", withQuery(`/v1/suppressions/${encodeURIComponent(id)}`, { by }));
    },
    lessons: async (service) =>
      read(LessonList, await call("GET", withQuery("/v1/memory", service === undefined ? {} : { service }))).lessons,
    forget: async (id, by) => {
      await call("DELETE", withQuery(`/v1/memory/${encodeURIComponent(id)}`, { by }));
    },
    issues: async (service) =>
      read(z.object({ issues: z.array(Issue) }), await call("GET", withQuery("/v1/issues", service ? { service } : {})))
        .issues,
    issue: async (id) => read(ShownIssue, await call("GET", `/v1/issues/${encodeURIComponent(id)}`)),
    mergeIssue: async (id, what) =>
      read(Regrouped, await call("POST", `/v1/issues/${encodeURIComponent(id)}/merge`, what)),
    splitIssue: async (id, what) =>
      read(Regrouped, await call("POST", `/v1/issues/${encodeURIComponent(id)}/split`, what)),
    issueRules: async () => read(z.object({ rules: z.array(TaughtRule) }), await call("GET", "/v1/issue-rules")).rules,
    undoIssueRule: async (id, by) =>
      read(Regrouped, await call("DELETE", withQuery(`/v1/issue-rules/${encodeURIComponent(id)}`, { by }))),
    sourceMaps: async () =>
      read(z.object({ releases: z.array(SourceMapRelease) }), await call("GET", "/v1/sourcemaps")).releases,
    uploadSourceMap: async (query, text) => {
      const path = withQuery("/v1/sourcemaps", query);
      await request(io, { base, token, method: "PUT", path, text, timeoutMs: LONG_TIMEOUT_MS });
    },
    removeSourceMaps: async (query) =>
      read(z.object({ removed: z.number() }), await call("DELETE", withQuery("/v1/sourcemaps", query))).removed,
    reloadConfig: async () => read(Reloaded, await call("POST", "/v1/config/reload", {})),
    start: async (of, who) => read(Done, await call("POST", "/v1/start", { of, ...who })),
    applied: async (ticketId, what) =>
      read(Done, await call("POST", `/v1/tickets/${encodeURIComponent(ticketId)}/applied`, what)),
    dismiss: async (ticketId, who) => read(Done, await call("POST", `/v1/tickets/${ticketId}/dismiss`, who)),
    closeBreaker: async (by) => read(Status, await call("POST", "/v1/breaker/close", { by })),
  };
}

function withQuery(path: string, query: Record<string, string>): string {
  return Object.keys(query).length === 0 ? path : `${path}?${new URLSearchParams(query)}`;
}

/** The server's URL from the option, from SELFHEAL_URL, or the default. Throws CliError if it is not a URL. */
export function serverUrl(io: Io, options: ServerOptions): string {
  const url = options.url ?? io.env.SELFHEAL_URL ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new CliError(`${url} is not a URL. Example: ${DEFAULT_URL}`);
  return url.replace(/\/+$/, "");
}

/** The admin token from the option or from SELFHEAL_TOKEN. */
export function serverToken(io: Io, options: ServerOptions): string | undefined {
  return options.token ?? io.env.SELFHEAL_TOKEN;
}

interface RestRequest {
  base: string;
  token: string | undefined;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  /** The body, if it is JSON text already. */
  text?: string;
  timeoutMs: number;
}

async function request(io: Io, wanted: RestRequest): Promise<unknown> {
  const reply = await reach(io, wanted);
  if (!reply.ok) throw await faultOf(reply);
  return reply.json().catch(() => undefined);
}

async function faultOf(reply: Response): Promise<CliError> {
  const fault = ErrorReply.safeParse(await reply.json().catch(() => undefined));
  return new CliError(fault.success ? fault.data.error.message : `${reply.url} answered ${reply.status}.`);
}

/**
 * Sends a request and returns the response, whatever its status. Throws CliError if the server cannot be reached or
 * does not accept the token (401).
 */
async function reach(io: Io, { base, token, method, path, body, text, timeoutMs }: RestRequest): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  if (sent !== undefined) headers["content-type"] = "application/json";
  const init = { method, headers, signal: AbortSignal.timeout(timeoutMs), redirect: "error" as const };
  const reply = await io
    .fetch(`${base}${path}`, sent === undefined ? init : { ...init, body: sent })
    .catch((cause: unknown) => {
      throw new CliError(unreachable(base, cause), 1, { cause });
    });
  if (reply.status === 401) throw new CliError(tokenNeeded(base, token));
  return reply;
}

function unreachable(base: string, cause: unknown): string {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return [
    `No server answers at ${base} (${messageOf(inner) || "no connection"}).`,
    "Start it with: selfheal serve",
    "If it runs elsewhere, give --url or set SELFHEAL_URL.",
  ].join("\n");
}

function tokenNeeded(base: string, token: string | undefined): string {
  return [
    token === undefined ? `${base} needs a token.` : `${base} does not know this token.`,
    "An admin makes one with: selfheal user add. The admin token was shown once, by selfheal serve, at its first start.",
    "Give it with --token or set SELFHEAL_TOKEN.",
    "Who has lost the admin token: selfheal serve --new-token",
  ].join("\n");
}

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CliError(
    "The server's answer is not one of selfheal's. Is --url right, and is the server of the same version?",
  );
}
