import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { TicketDeps } from "../tickets/deps.ts";

/** Dependencies of the agents. Every node picks the ones it uses. */
export interface AgentDeps extends TicketDeps {
  batches: BatchStore;
  trackRecord: TrackRecord;
}
