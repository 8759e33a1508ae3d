import type { SandboxGrade } from "../domain/evidence.ts";
import type {
  AuditChain,
  BlobStore,
  Clock,
  DeployJournal,
  IssueStore,
  RunStarter,
  Settings,
  TicketBook,
} from "../domain/ports.ts";
import type { Autonomy } from "../domain/service.ts";

/** How this process is set up; short facts that pages and `GET /v1/status` show. */
export interface SystemFacts {
  sandbox: SandboxGrade;
  autonomy: Autonomy;
  brain: string;
}

/** What the REST API and the pages are made of. */
export interface DashboardDeps {
  tickets: TicketBook;
  issues: IssueStore;
  audit: AuditChain;
  blobs: BlobStore;
  settings: Settings;
  starter: RunStarter;
  journal: DeployJournal;
  clock: Clock;
  status: () => SystemFacts;
}
