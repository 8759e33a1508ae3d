import type { AgentDeps } from "../../agents/deps.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { describeDiff } from "../../domain/patch.ts";
import type { AgentNode } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import { changeTicket } from "../../tickets/change.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";

/**
 * The node `port`: carries the Patch over to a new base commit, after another Patch went live or people pushed. The
 * Patch keeps its digest only if its bytes stay the same. It is tested and reviewed again in both cases. A conflict
 * goes back to the coder. Throws SelfhealError `diverged` when the live commit and the branch have diverged.
 */
export function createRebasePatch(
  deps: Pick<AgentDeps, "tickets" | "blobs" | "audit" | "clock" | "workspaces" | "services"> & {
    baseOf: (service: Service) => Promise<string | null>;
  },
): AgentNode {
  return async (state) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const { patch, diff } = await requirePatch(deps.blobs, ticket);
    const service = requireService(deps.services, ticket);
    const baseCommit = await deps.baseOf(service);
    if (baseCommit === null) throw new SelfhealError("diverged", "the live commit and the branch have diverged");
    const workspace = await deps.workspaces.open(service, ticket.id, baseCommit);
    const applied = await workspace.apply(diff);
    const ported = applied.kind === "applied" ? await workspace.diff() : "";
    await deps.audit.append({
      kind: ported === "" ? "patch.conflicted" : "patch.ported",
      actor: "system",
      ticketId: ticket.id,
      facts: { from: patch.baseCommit, to: baseCommit },
    });
    if (ported === "") return { baseCommit, coding: "none", deploying: "none" };
    const digest = await deps.blobs.put(ported);
    await changeTicket(deps, ticket.id, () => ({
      patch: { ...patch, digest, baseCommit, ...describeDiff(ported) },
      evidence: null,
      review: null,
      gate: null,
    }));
    return { baseCommit, coding: "patch", patchDigest: digest, deploying: "none" };
  };
}
