import { z } from "zod";
import type { ApprovalDecision } from "../domain/approval.ts";
import { AuditEntry } from "../domain/audit.ts";
import { Deployment } from "../domain/deployment.ts";
import { messageOf } from "../domain/errors.ts";
import { Issue } from "../domain/issue.ts";
import { Ticket } from "../domain/ticket.ts";
import { CliError, type Io } from "./io.ts";

const DEFAULT_URL = "http://127.0.0.1:4700";
const TIMEOUT_MS = 30_000;

const TicketList = z.object({ tickets: z.array(Ticket) });

/** A ticket with its issues, diff, deployment and audit entries (oldest first), as `GET /v1/tickets/:id` answers. */
export const Receipt = z.object({
  ticket: Ticket,
  issues: z.array(Issue),
  diff: z.string().nullable(),
  deployment: Deployment.nullable(),
  audit: z.array(AuditEntry),
});
export type Receipt = z.infer<typeof Receipt>;

const Status = z.looseObject({ paused: z.boolean(), openApprovals: z.number(), sandbox: z.string() });
type Status = z.infer<typeof Status>;

const ErrorReply = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Options that every command which talks to a server has. */
export interface ServerOptions {
  url?: string;
  token?: string;
}

/** Talks REST to a running server. Every failure is a CliError that says what to do. */
export interface RestClient {
  tickets(filter: Record<string, string>): Promise<Ticket[]>;
  receipt(ref: string): Promise<Receipt>;
  decide(ticketId: string, decision: Omit<ApprovalDecision, "diff">): Promise<void>;
  setPaused(paused: boolean, by: string): Promise<Status>;
}

export function createRestClient(io: Io, options: ServerOptions): RestClient {
  const base = serverUrl(io, options);
  const call = (method: "GET" | "POST", path: string, body?: unknown) =>
    request(io, { base, token: serverToken(io, options), method, path, body });
  return {
    tickets: async (filter) =>
      read(TicketList, await call("GET", `/v1/tickets?${new URLSearchParams(filter)}`)).tickets,
    receipt: async (ref) => read(Receipt, await call("GET", `/v1/tickets/${encodeURIComponent(ref)}`)),
    decide: async (ticketId, decision) => {
      await call("POST", `/v1/tickets/${ticketId}/decision`, decision);
    },
    setPaused: async (paused, by) => read(Status, await call("POST", paused ? "/v1/pause" : "/v1/resume", { by })),
  };
}

export function serverUrl(io: Io, options: ServerOptions): string {
  const url = options.url ?? io.env.SELFHEAL_URL ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new CliError(`${url} is not a URL. Example: ${DEFAULT_URL}`);
  return url.replace(/\/+$/, "");
}

export function serverToken(io: Io, options: ServerOptions): string | undefined {
  return options.token ?? io.env.SELFHEAL_TOKEN;
}

interface RestRequest {
  base: string;
  token: string | undefined;
  method: "GET" | "POST";
  path: string;
  body: unknown;
}

async function request(io: Io, { base, token, method, path, body }: RestRequest): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" as const };
  const reply = await io
    .fetch(`${base}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    .catch((cause: unknown) => {
      throw new CliError(unreachable(base, cause), 1, { cause });
    });
  if (reply.status === 401) throw new CliError(tokenNeeded(base, token));
  const json: unknown = await reply.json().catch(() => undefined);
  if (reply.ok) return json;
  const fault = ErrorReply.safeParse(json);
  throw new CliError(fault.success ? fault.data.error.message : `${base}${path} answered ${reply.status}.`);
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
    token === undefined ? `${base} needs the admin token.` : `${base} does not know this admin token.`,
    "It was shown once, by selfheal serve, at its first start. Give it with --token or set SELFHEAL_TOKEN.",
  ].join("\n");
}

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CliError(
    "The server's answer is not one of selfheal's. Is --url right, and is the server of the same version?",
  );
}
