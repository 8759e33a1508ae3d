import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { TicketDeps } from "../tickets/deps.ts";

/** What agents work with. Every node takes the part it needs. */
export interface AgentDeps extends TicketDeps {
  batches: BatchStore;
  trackRecord: TrackRecord;
}
