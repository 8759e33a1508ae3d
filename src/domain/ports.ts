import type { z } from "zod";
import type { ApprovalDecision } from "./approval.ts";
import type { AuditEntry, AuditKind, Facts } from "./audit.ts";
import type { AuditCheck, AuditRow } from "./auditChain.ts";
import type { CanaryProgress, CanaryReading } from "./canary.ts";
import type { Deployment } from "./deployment.ts";
import type { CapturedEvent } from "./event.ts";
import type { Finding, ProcessEnd, SandboxGrade } from "./evidence.ts";
import type { IngestCount } from "./ingestCount.ts";
import type { Batch, DebounceWindow, Fingerprint, Issue, IssueMinute, IssueRelease } from "./issue.ts";
import type { Lease } from "./lease.ts";
import type { Lesson } from "./lesson.ts";
import type { Delivery, Message, MessageKind } from "./notification.ts";
import type { RetentionReport } from "./retention.ts";
import type { RunInput } from "./runState.ts";
import type { Service } from "./service.ts";
import type { Spend, TicketCost } from "./spend.ts";
import type { Suppression } from "./suppression.ts";
import type { Ticket } from "./ticket.ts";
import type { TraceEvent } from "./trace.ts";
import type { TrackEntry } from "./trackRecord.ts";

/** Milliseconds since the epoch. A parameter everywhere, so that tests own the time. */
export interface Clock {
  now(): number;
}

/** What is written to the log. Facts are scrubbed by the caller; no event text. */
export interface Log {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

/** A command to run. Only the given environment reaches it, plus PATH and a HOME of its own. */
export interface CommandSpec {
  /** Run through `sh -c`. */
  command: string;
  cwd: string;
  timeoutMs: number;
  env?: Record<string, string>;
  signal?: AbortSignal;
}

export interface ProcessResult {
  end: ProcessEnd;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/** Runs a command on the host (deploy and health commands: the operator's own, trusted). Never throws for how the process ended. */
export interface ProcessRunner {
  run(spec: CommandSpec): Promise<ProcessResult>;
}

export interface SandboxResult extends ProcessResult {
  /** What the command wrote into `$SELFHEAL_OUT`, by path; only where that was asked for. Written by untrusted code. */
  collected?: Record<string, string>;
}

/** Runs a command of untrusted code in a workspace: no network, no secrets, nothing writable but the workspace. */
export interface Sandbox {
  readonly grade: SandboxGrade;
  run(
    workspace: Workspace,
    spec: Omit<CommandSpec, "cwd"> & {
      /** Contents put into a read-only folder; the environment variable of each name holds its path. */
      files?: Record<string, string>;
      /** The host's network: only for an operator's setup command on the base. Default false. */
      network?: boolean;
      /** Gives the command a folder to write reports into (`$SELFHEAL_OUT`), and reads it afterwards. Default false. */
      collect?: boolean;
    },
  ): Promise<SandboxResult>;
}

export type ApplyResult = { kind: "applied" } | { kind: "conflict"; reason: string };

export interface CommitInfo {
  commit: string;
  author: string;
  /** Milliseconds since the epoch. */
  at: number;
  subject: string;
}

/** A git working tree of one ticket, at a base commit. Paths are repository-relative with forward slashes. */
export interface Workspace {
  readonly ticketId: string;
  readonly service: Service;
  /** Absolute path on the host. */
  readonly dir: string;
  readonly baseCommit: string;
  /** Back to the base commit, nothing left over. */
  reset(): Promise<void>;
  /** Applies a unified diff to the tree. Refuses symlinks and paths that leave the tree. */
  apply(diff: string): Promise<ApplyResult>;
  /** The diff of the tree against the base, as `git diff` prints it; empty when nothing changed. */
  diff(): Promise<string>;
  /** Tracked files at the base. */
  files(): Promise<string[]>;
  /** Reads a file of the tree. Throws for paths that leave it and for symlinks. */
  read(path: string): Promise<string>;
  write(path: string, content: string): Promise<void>;
  log(options: { paths?: readonly string[]; sinceMs?: number; limit?: number }): Promise<CommitInfo[]>;
  blame(path: string, line: number): Promise<CommitInfo | null>;
  /** The diff that takes a commit back; null for a merge, a root, or a commit that is not an ancestor of the base. */
  reverseOf(commit: string): Promise<string | null>;
  /** The diff that a commit made; null as of `reverseOf`, and for what is no commit. */
  changeBy(commit: string): Promise<string | null>;
  /** Commits the tree onto the base and returns the commit id. */
  commit(message: string): Promise<string>;
}

/** A branch of a service's repository, by its newest commit. */
export interface BranchInfo extends CommitInfo {
  name: string;
}

/** Lines that were changed: `count` of them from `start` on, in the older text; 0: something was put in after `start`. */
export interface LineChange {
  path: string;
  start: number;
  count: number;
  /** Where the new text begins. */
  newStart: number;
  /** How many lines it has; 0: nothing took their place. */
  newCount: number;
}

/** What others did to a service's repository. */
export interface ChangeHistory {
  /** Every branch, after a fetch, and the newest pull requests (`pull/<number>`). */
  branches(service: Service): Promise<BranchInfo[]>;
  /** `sinceFork`: against where `to` forked from `from`, so that what `from` went on with does not count. */
  lineChanges(
    service: Service,
    span: { from: string; to: string; paths: readonly string[]; sinceFork: boolean },
  ): Promise<LineChange[]>;
  /** Commits after `from` up to `to` that change one of the paths, newest first; no merges. */
  commitsOn(service: Service, span: { from: string; to: string; paths: readonly string[] }): Promise<CommitInfo[]>;
  /** What a commit changes in the paths, as `git diff` prints it. */
  changeOf(service: Service, commit: string, paths: readonly string[]): Promise<string>;
}

/** Makes workspaces from a private clone of a service's repository, whose own working tree is never touched. */
export interface Workspaces {
  /** The commit that new fixes of the service are based on: its branch's head. Throws SelfhealError `repository`. */
  head(service: Service): Promise<string>;
  /** The ticket's workspace at the base, clean; made, or reset when it is there already. */
  open(service: Service, ticketId: string, baseCommit: string): Promise<Workspace>;
  /** Publishes a commit of the workspace as `branch` in the service's repository. Compare-and-swap: the branch must be absent or already there. */
  publish(workspace: Workspace, commit: string, branch: string): Promise<void>;
  /** Whether `ancestor` is contained in `commit`. */
  contains(service: Service, commit: string, ancestor: string): Promise<boolean>;
}

/** One signed request, which must not be taken twice. */
export interface SignedDelivery {
  keyId: string;
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export type AppendResult =
  /** `repeated`: of them, those that were stored before. */
  | { kind: "stored"; stored: number; repeated: number }
  /** The delivery was taken before; nothing was stored. */
  | { kind: "repeatedDelivery" };

/** An Event that could not be digested; it stays stored. */
export interface SetAsideEvent {
  project: string;
  eventId: string;
  receivedAt: number;
  /** What went wrong. */
  reason: string;
}

/** Durable spool of accepted Events. */
export interface EventSpool {
  /** Resolves after the group commit. Idempotent on project + event id. */
  append(events: readonly CapturedEvent[], delivery?: SignedDelivery): Promise<AppendResult>;
  /** Events that were not digested yet: oldest first, those that failed behind the others. What cannot be read is set aside. */
  undigested(limit: number): Promise<CapturedEvent[]>;
  /** Digesting it failed, and not for want of disk. After a few times it is set aside, out of the way of the others. */
  failed(event: CapturedEvent, why: string): Promise<{ setAside: boolean }>;
  /** What was set aside, newest first. */
  setAside(limit: number): Promise<SetAsideEvent[]>;
  /** Puts all of it back into the line; how many. */
  retrySetAside(): Promise<number>;
  /** What waits to be digested, as rows and bytes: the measure for back-pressure. */
  waiting(): Promise<{ rows: number; bytes: number }>;
}

/** Durable counters of what became of Events. `received`, `repeated` and `setAside` are counted by the spool itself. */
export interface IngestCounts {
  add(counts: readonly IngestCount[], at: number): Promise<void>;
  /** Since the UTC day of a time; all where none is given. */
  sums(since?: number): Promise<IngestCount[]>;
}

export interface IssueStore {
  /** One transaction: counts the Event on its Issue, keeps it as a sample if it is one, and marks it digested. Doing it again does nothing. */
  digest(event: CapturedEvent, fingerprint: Fingerprint): Promise<{ issue: Issue; isNew: boolean; repeated: boolean }>;
  get(id: string): Promise<Issue | null>;
  list(filter?: { project?: string; service?: string; limit?: number }): Promise<Issue[]>;
  /** Whole sample Events, newest first. */
  samples(issueId: string, limit: number): Promise<CapturedEvent[]>;
  /** How many Events of the Issue happened since (receivedAt, milliseconds). */
  countSince(issueId: string, sinceMs: number, release?: string): Promise<number>;
  /** Events a minute since, oldest first; minutes without any are left out. */
  minutes(issueId: string, sinceMs: number): Promise<IssueMinute[]>;
  /** What each release had of it, the first one first. */
  releases(issueId: string): Promise<IssueRelease[]>;
  attachTicket(issueId: string, ticketId: string): Promise<void>;
  /** It waits for a ticket that it is no part of. Does nothing where it has a ticket. */
  waitFor(issueId: string, cascade: NonNullable<Issue["cascade"]>): Promise<void>;
  /** The Events of the distributed traces that the Issue is in, of all services of its project. */
  traceEvents(issueId: string): Promise<TraceEvent[]>;
}

export interface BatchStore {
  get(id: string): Promise<Batch | null>;
  /** Batches closed but whose run was not started. */
  unstarted(): Promise<Batch[]>;
  markStarted(id: string): Promise<void>;
}

/** Which tickets. Every one of these is indexed. */
export interface TicketFilter {
  state?: Ticket["state"];
  service?: string;
  batchId?: string;
  /** Tickets that this Issue belongs to. */
  issueId?: string;
  /** true: something still happens on it; false: closed. */
  open?: boolean;
  /** true: a person is asked. */
  asking?: boolean;
  /** The newest so many. */
  limit?: number;
}

export interface TicketCounts {
  /** How many stand in each state that has any. */
  states: Partial<Record<Ticket["state"], number>>;
  /** How many ask a person. */
  asking: number;
}

/** The ticket book. One writer; every change is durable when the promise resolves. */
export interface TicketBook {
  /** Idempotent by id: an existing ticket is returned unchanged. */
  open(ticket: Ticket): Promise<Ticket>;
  get(id: string): Promise<Ticket | null>;
  /** Newest first. */
  list(filter?: TicketFilter): Promise<Ticket[]>;
  /** Costs the same however many there are. */
  counts(): Promise<TicketCounts>;
  /** Throws SelfhealError `ticketNotFound`. `change` returns only what changes. */
  update(id: string, change: (ticket: Ticket) => Partial<Ticket>): Promise<Ticket>;
}

/** Open debounce windows: the rows are the truth, not an in-memory timer. One a project and service. */
export interface DebounceStore {
  open(): Promise<DebounceWindow[]>;
  get(project: string, service: string): Promise<DebounceWindow | null>;
  put(window: DebounceWindow): Promise<void>;
  /** One transaction: the window goes, and its Batch is there with state `closed`, id = uuidFrom("batch", project, service, openedAt). */
  close(window: DebounceWindow, now: number): Promise<Batch>;
}

/** Content-addressed texts: diffs, outputs. The key is the SHA-256 of the content, hex. */
export interface BlobStore {
  put(content: string): Promise<string>;
  get(digest: string): Promise<string | null>;
}

export interface AuditLog {
  append(entry: { kind: AuditKind; actor: string; ticketId?: string; facts?: Facts }): Promise<AuditEntry>;
  list(filter?: { ticketId?: string; limit?: number }): Promise<AuditEntry[]>;
  /** What was appended after the entry of this sequence, oldest first. */
  after(sequence: number, limit: number): Promise<AuditEntry[]>;
}

/** The log as a chain that people check and carry away. */
export interface AuditChain extends AuditLog {
  /** How many entries there are, and the hash of the newest. */
  head(): Promise<{ entries: number; head: string }>;
  /** Walks the whole chain, a slice a turn of the event loop. `expect`: a head noted before, which must be in it. */
  verify(expect?: string): Promise<AuditCheck>;
  /** Entries as stored, oldest first, with a sequence above `after`. */
  page(query: { after: number; limit: number; ticketId?: string }): Promise<AuditRow[]>;
}

/** A stored time at which a ticket's run is entered again, or a person reminded. One per ticket and kind. */
export interface WakeUp {
  ticketId: string;
  /** canary: when the canary is looked at again. stuck: when an agent that shows no sign of life is taken off the ticket.
   * start: a person asked for a run. */
  kind: "verify" | "deploy" | "canary" | "remind" | "stuck" | "start";
  dueAt: number;
}

export interface WakeUpStore {
  /** Replaces an earlier one of the same ticket and kind. */
  set(wakeUp: WakeUp): Promise<void>;
  due(now: number): Promise<WakeUp[]>;
  nextDueAt(): Promise<number | null>;
  clear(ticketId: string, kind: WakeUp["kind"]): Promise<void>;
  /** Makes this one due later. Does nothing once it was cleared or replaced. */
  postpone(wakeUp: WakeUp, dueAt: number): Promise<void>;
}

/** Keeps the data folder bounded. */
export interface Retention {
  /** Safe to repeat, and to be cut off anywhere. Asked for again while it runs, it is the same run. */
  run(options?: { dryRun?: boolean }): Promise<RetentionReport>;
}

/** Small durable switches: paused, admin token hash. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

export type DeployGrant =
  /** Go ahead: this call holds the service's only deploy slot. */
  | { kind: "granted"; deployment: Deployment }
  /** The same key was settled before; its outcome stands. */
  | { kind: "settled"; deployment: Deployment }
  /** The same key was intended before and never settled: ask the target what is live. */
  | { kind: "unfinished"; deployment: Deployment }
  /** Another ticket's deployment of the service is in flight. */
  | { kind: "busy"; by: string }
  /** One more deployment without a person would be over this limit. */
  | { kind: "limited"; limit: "rateHour" | "rateDay" | "breakerClosed" };

/** Limits of deployments without a person, over all services; counted in the same step that grants. */
export interface DeployLimits {
  maxPerHour: number;
  maxPerDay: number;
  /** Open: nothing is deployed without a person once this many were taken back since `rollbacksSinceMs`. */
  maxRollbacks: number;
  rollbacksSinceMs: number;
}

/** INTENT → effect → CONFIRM, so that a restart never deploys twice. */
export interface DeployJournal {
  /** `limits` bind what is new and `auto`, and nothing else. */
  intend(
    wanted: Omit<Deployment, "id" | "state" | "intendedAt" | "settledAt" | "fencingToken" | "reason" | "canary">,
    limits?: DeployLimits,
  ): Promise<DeployGrant>;
  /** Refused (SelfhealError `fenced`) when the token is not the newest of its deployment. */
  settle(
    id: string,
    fencingToken: number,
    state: "live" | "failed" | "rolledBack" | "unknown" | "abandoned",
    reason: string,
  ): Promise<Deployment>;
  /** Where the canary of a deployment in flight stands; undefined: there is none. Refused like `settle`. */
  noteCanary(id: string, fencingToken: number, canary: CanaryProgress | undefined): Promise<Deployment>;
  get(id: string): Promise<Deployment | null>;
  /** The newest deployment of the service that is live. */
  live(service: string): Promise<Deployment | null>;
  inFlight(service: string): Promise<Deployment | null>;
  autoDeploysSince(sinceMs: number): Promise<number>;
  rollbacksSince(sinceMs: number): Promise<number>;
  /** What was put live since, newest first; whatever became of it. */
  deployedSince(service: string, sinceMs: number): Promise<Deployment[]>;
}

/** What a deploy strategy is asked to put live, or to put back. */
export interface DeployOrder {
  ticketId: string;
  commit: string;
  branch: string;
  previousCommit: string;
  /** A clean checkout of the commit, readable by the deploy command. */
  dir: string;
}

export type HealthResult = { kind: "healthy" } | { kind: "unhealthy"; reason: string };

/** Where a service runs. Implementations: the service's own commands. */
export interface DeployTarget {
  /** Runs the deployment; not healthy by itself, ask `health`. */
  deploy(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  rollback(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Asks until it is healthy often enough in a row, or the service's health timeout is over. */
  health(service: Service, signal: AbortSignal): Promise<HealthResult>;
  /** The commit that is live, by the service's own word; null when it cannot be told. */
  liveCommit(service: Service): Promise<string | null>;
}

/** Puts a commit live for a part of a service's traffic, and reads how that goes. */
export interface CanaryTarget {
  begin(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Puts it live for all of the traffic. */
  promote(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Takes the canary out: all of the traffic is the previous commit's. */
  abort(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** The commit that the canary runs, by the service's own word, or `none`; null when it cannot be told. */
  running(service: Service): Promise<string | null>;
  /** What the counters show now. */
  read(
    service: Service,
    commits: Pick<DeployOrder, "commit" | "previousCommit">,
    signal: AbortSignal,
  ): Promise<{ kind: "read"; reading: CanaryReading } | { kind: "unreadable"; reason: string }>;
}

/** Tells people, once a key. Resolves when the message is safe, not when it is read; a failure to tell never fails a run. */
export interface Notifier {
  notify(message: Message): Promise<void>;
}

/** Where a message points to. */
export interface MessageLinks {
  /** The page about it; null without a public address. */
  page: string | null;
  /** Opens the question for this recipient, signed; null without a public address, and where nothing is asked. */
  answer: string | null;
  /** What to type instead; null where nothing is asked. */
  command: string | null;
}

export interface ChannelSettings {
  /** Unique, and the same after a restart: rows of the outbox are found by it. */
  readonly name: string;
  readonly on: readonly MessageKind[];
  /** Who a signed link is made out to. */
  readonly recipient: string;
}

/** One way to reach people. */
export interface Channel extends ChannelSettings {
  /**
   * Resolves when the other side has taken it. Throws SelfhealError `channel`, whose message holds no secret. Sent again
   * under the same key, it is the same message where the other side can tell.
   */
  send(message: Message, links: MessageLinks, signal: AbortSignal): Promise<void>;
}

/** Messages on their way: one row a message and channel. */
export interface Outbox {
  /** Durable when it resolves. Idempotent by key and channel: what is there already stays as it is. */
  add(message: Message, channels: readonly string[]): Promise<void>;
  /** Channels that have something due. */
  channelsDue(): Promise<string[]>;
  /** What a channel is to send: the least tried first, then questions, then the oldest. */
  due(channel: string, limit: number): Promise<Delivery[]>;
  /** INTENT: counted as tried, and due again at `againAt` should nobody live to settle it. */
  intend(key: string, channel: string, againAt: number): Promise<void>;
  /** CONFIRM. `waiting`: it failed, and is tried again when `intend` said. */
  settle(
    key: string,
    channel: string,
    state: "sent" | "waiting" | "givenUp" | "overtaken",
    error?: string,
  ): Promise<void>;
  /** What an earlier process was cut off sending is due now. Only for who holds the data folder, before it sends anything. */
  takeUp(): Promise<void>;
  /** Nothing that is due now goes before `until`. */
  hold(channel: string, until: number): Promise<void>;
  /** One transaction: what is due is not sent by itself but counted in one new message, which is due. null: nothing was. */
  sumUp(channel: string, summary: (count: number, questions: number) => Omit<Message, "key">): Promise<Delivery | null>;
  /** What went through a channel since then, and when the first of it did. */
  sentSince(channel: string, sinceMs: number): Promise<{ count: number; firstAt: number | null }>;
  counts(): Promise<{ waiting: number; givenUp: number }>;
}

/** Names that one holder has at a time. Tokens of a name only grow; what was seen to have ended never comes back. */
export interface LeaseStore {
  /**
   * `held`: it is the holder's (its own is renewed and keeps its token). `taken`: another has it; nothing changes.
   * `enoughMs`: the holder's own is left as it is, and nothing written, while it has so long to go.
   */
  take(
    name: string,
    holder: string,
    ttlMs: number,
    enoughMs?: number,
  ): Promise<{ kind: "held" | "taken"; lease: Lease }>;
  /** Throws SelfhealError `fenced` when it ended meanwhile, or a newer token was given. `enoughMs`: as of `take`. */
  renew(name: string, token: number, ttlMs: number, enoughMs?: number): Promise<Lease>;
  /** Does nothing when it is not the newest token. */
  release(name: string, token: number): Promise<void>;
  /** The lease that holds now; null when there is none. */
  get(name: string): Promise<Lease | null>;
  /** Ends the leases of holders that are gone, whatever time they had left. Returns their names. */
  endOf(gone: (holder: string) => boolean): Promise<string[]>;
}

export interface SuppressionStore {
  /** Idempotent by id. */
  add(suppression: Suppression): Promise<Suppression>;
  /** The one that holds now, the longest first; null when there is none. */
  active(issueId: string, now: number): Promise<Suppression | null>;
  /** When the last one of those that are over ended; null when there was none. */
  endedAt(issueId: string, now: number): Promise<number | null>;
  /** Ends it now; one that has ended stays as it is. null: there is none of that id. */
  lift(id: string, now: number): Promise<Suppression | null>;
  /** Those that hold now, the one that ends first in front. */
  list(now: number): Promise<Suppression[]>;
}

/** How earlier Patches ended. */
export interface TrackRecord {
  /** Idempotent by ticket, outcome and patch. */
  add(entry: TrackEntry): Promise<void>;
  /** Newest first. */
  list(filter: { service?: string; errorClass?: string; sinceMs?: number; limit?: number }): Promise<TrackEntry[]>;
}

/** What is remembered of how Patches ended. */
export interface LessonStore {
  /** Idempotent by id; one that was forgotten stays so. */
  add(lesson: Lesson): Promise<void>;
  /** Newest first. */
  list(filter?: { service?: string; limit?: number }): Promise<Lesson[]>;
  /** False: there is none of that id. */
  forget(id: string): Promise<boolean>;
}

/** What models cost. */
export interface SpendBook {
  add(spend: Spend): Promise<void>;
  /** What a ticket cost, with the models that have no price by name. */
  costOf(ticketId: string): Promise<TicketCost>;
  /** `unpriced`: tokens of models without a price, which `usd` does not hold. */
  sum(filter: { ticketId?: string; service?: string; sinceMs?: number }): Promise<{
    tokens: number;
    usd: number;
    unpriced: number;
  }>;
}

/** Starts and resumes runs on threads (thread id = ticket id). Starting the same thing twice starts it once. */
export interface RunStarter {
  start(threadId: string, input: RunInput): Promise<void>;
  resume(threadId: string, decision: ApprovalDecision): Promise<void>;
  /** Ends what runs on the thread. Its last checkpoint stands; nothing goes on by itself. */
  stop(threadId: string): Promise<void>;
}

export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
}

export interface ChatTurn {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  toolCalls?: readonly ToolCall[];
  toolCallId?: string;
}

export interface ToolCall {
  id: string;
  name: string;
  /** Arguments as parsed JSON; unchecked. */
  args: unknown;
}

export interface ToolSpec {
  name: string;
  description: string;
  parameters: z.ZodType;
}

/** A chat model. Throws ModelError for whatever the endpoint does wrong; never returns a reply of the wrong shape. */
export interface ChatModel {
  readonly name: string;
  structured<T>(request: {
    turns: readonly ChatTurn[];
    schema: z.ZodType<T>;
    schemaName: string;
    signal?: AbortSignal;
  }): Promise<{ value: T; usage: ModelUsage }>;
  withTools(request: {
    turns: readonly ChatTurn[];
    tools: readonly ToolSpec[];
    signal?: AbortSignal;
  }): Promise<{ text: string; toolCalls: readonly ToolCall[]; usage: ModelUsage }>;
}

/** Looks at a diff and the tree it applies to. */
export interface Scanner {
  readonly name: string;
  /** `before`/`after`: contents of each changed file on the base and with the patch ("" where absent). Reports only what is new. */
  scan(change: {
    diff: string;
    before: ReadonlyMap<string, string>;
    after: ReadonlyMap<string, string>;
  }): Promise<Finding[]>;
}
