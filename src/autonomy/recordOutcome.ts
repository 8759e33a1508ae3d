import type { Facts } from "../domain/audit.ts";
import type { LevelReport } from "../domain/autonomy.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { RecordOutcome } from "../domain/trackRecord.ts";
import { rank } from "../policy/effectiveLevel.ts";
import { requireService } from "../tickets/requireTicket.ts";
import { errorClassOf, historyOf, type LevelDeps, levelsOf } from "./levelInEffect.ts";

/** Records how a Patch ended in the track record of its service and error class, and audits each change of level. */
export function createRecordOutcome(deps: LevelDeps): RecordOutcome {
  return async (ticket, { outcome, patchDigest, editedDigest = null, by = "system" }) => {
    const service = requireService(deps.services, ticket);
    const errorClass = await errorClassOf(deps.issues, ticket);
    const wanted = { service: service.name, errorClass, outcome, ticketId: ticket.id, patchDigest };
    await deps.trackRecord.add({ ...wanted, editedDigest, by, at: deps.clock.now() });
    const history = await historyOf(deps.trackRecord, service.name, errorClass);
    const place = history.findIndex(
      (e) => e.ticketId === ticket.id && e.outcome === outcome && e.patchDigest === patchDigest,
    );
    // An earlier call recorded this under another error class and announced it then.
    if (place === -1) return;
    const before = await levelsOf(deps, service, history.slice(0, place));
    const after = await levelsOf(deps, service, history.slice(0, place + 1));
    await auditChanges(
      deps,
      ticket,
      { service: service.name, errorClass, because: outcome, patch: patchDigest },
      before,
      after,
    );
  };
}

/** Appends one audit entry per change of level, with the severities concerned. Once, however often the node runs. */
async function auditChanges(
  deps: LevelDeps,
  ticket: Ticket,
  facts: Facts,
  before: readonly LevelReport[],
  after: readonly LevelReport[],
): Promise<void> {
  const audited = await deps.audit.list({ ticketId: ticket.id });
  for (const [change, severities] of changesOf(before, after)) {
    const [from = "", to = ""] = change.split(" ");
    const entry = { ...facts, from, to, severities };
    if (audited.some((t) => t.kind.startsWith("autonomy.") && sameFacts(t.facts, entry))) continue;
    const rose = after.some((level, i) => severities.includes(level.severity) && rises(before[i], level));
    await deps.audit.append({
      kind: rose ? "autonomy.earned" : "autonomy.lost",
      actor: "system",
      ticketId: ticket.id,
      facts: entry,
    });
  }
}

/** Key: `<from> <to>`. Value: the severities whose level went from one to the other. */
function changesOf(before: readonly LevelReport[], after: readonly LevelReport[]): Map<string, string[]> {
  const changes = new Map<string, string[]>();
  for (const [i, { severity, effective }] of after.entries()) {
    const from = before[i]?.effective;
    if (from === undefined || from === effective) continue;
    const change = `${from} ${effective}`;
    changes.set(change, [...(changes.get(change) ?? []), severity]);
  }
  return changes;
}

function rises(before: LevelReport | undefined, after: LevelReport): boolean {
  return before !== undefined && rank(after.effective) > rank(before.effective);
}

function sameFacts(a: Facts, b: Facts): boolean {
  return ["because", "patch", "from", "to"].every((key) => a[key] === b[key]);
}
