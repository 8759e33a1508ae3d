import type { Context } from "hono";
import type { AutonomyBoard } from "../domain/autonomy.ts";
import type { SandboxGrade } from "../domain/evidence.ts";
import type { ManualActions } from "../domain/manualAction.ts";
import type { AuditChain } from "../domain/ports/auditLog.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { DeployJournal } from "../domain/ports/deployJournal.ts";
import type { EventSpool } from "../domain/ports/eventSpool.ts";
import type { IngestCounts } from "../domain/ports/ingestCounts.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { LessonStore } from "../domain/ports/lessonStore.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { SpendBook } from "../domain/ports/spendBook.ts";
import type { SuppressionStore } from "../domain/ports/suppressionStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { UserStore } from "../domain/ports/userStore.ts";
import type { MergeAndSplit, TaughtRules } from "../domain/taughtRule.ts";
import type { MappedPerson, ProviderSettings } from "./access/signInProviders.ts";

/** Short facts about the setup of this process. Pages and `GET /v1/status` show them. */
export interface SystemFacts {
  sandbox: SandboxGrade;
  /** The configured default level, in words. */
  autonomy: string;
  brain: string;
}

/** The circuit breaker: after two rollbacks within a day, selfheal deploys nothing without a person. */
export interface Breaker {
  state(): Promise<{ open: boolean; rollbacks: number }>;
  /** Closes the breaker before the day is over. */
  close(by: string): Promise<void>;
}

/** What the REST API and the pages need. */
export interface DashboardDeps {
  autonomy: AutonomyBoard;
  manualActions: ManualActions;
  mergeAndSplit: MergeAndSplit;
  taughtRules: TaughtRules;
  tickets: TicketBook;
  issues: IssueStore;
  audit: AuditChain;
  blobs: BlobStore;
  settings: Settings;
  spend: Pick<SpendBook, "costOf">;
  suppressions: SuppressionStore;
  lessons: LessonStore;
  users: UserStore;
  starter: RunStarter;
  journal: DeployJournal;
  clock: Clock;
  status: () => SystemFacts;
  breaker: Breaker;
  ingestCounts: IngestCounts;
  spool: Pick<EventSpool, "waiting" | "setAside" | "retrySetAside">;
  /** The current level of backpressure; absent if this process has no ingest. */
  pressure?: () => Promise<string>;
  /** Why the kill switch is on; null when it is off. */
  paused: () => Promise<string | null>;
  /** Providers that people sign in with, and what their people may do. Default: none. */
  signIn?: readonly ProviderSettings[];
  people?: () => readonly MappedPerson[];
  /** Whether the service has the two-person rule. */
  twoPersonRule: (service: string) => boolean;
  /** The public URL of the server; undefined: none is configured. */
  publicUrl?: string | undefined;
  /** The client's address, as far as the network reveals it. Default: one address for everybody. */
  addressOf?: (c: Context) => string;
}
