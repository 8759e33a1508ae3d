import type { System } from "../composition/compose.ts";
import type { Batch } from "../domain/issue.ts";

/**
 * Whether the run of a Batch may start now. While the kill switch is on, or a service has its maximum of open tickets,
 * Batches wait in their rows. So nothing is lost, and people get no more questions than they can answer.
 */
export function createRunAdmission(
  system: Pick<System, "config" | "killSwitch" | "stores" | "log">,
): (batch: Batch) => Promise<boolean> {
  const { config, killSwitch, stores, log } = system;
  const full = new Set<string>();
  return async ({ service }) => {
    if ((await killSwitch.reason()) !== null) return false;
    const open = (await stores.tickets.list({ service, open: true })).length;
    const room = open < config.maxOpenTickets;
    if (!room && !full.has(service)) {
      log.warn("a service has its fill of open tickets; its batches wait", {
        service,
        open,
        max: config.maxOpenTickets,
      });
    }
    if (room) full.delete(service);
    else full.add(service);
    return room;
  };
}
