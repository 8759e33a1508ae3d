import type { Reproducer } from "../../../src/agents/coder/contract.ts";
import type { CheckFor } from "../../../src/agents/coder/node.ts";
import type { EvidenceGatherer } from "../../../src/agents/tester/contract.ts";
import type { DeployOrder, DeployTarget } from "../../../src/domain/ports/deployTarget.ts";
import { buildEvidence } from "../../helpers/ticketBuilder.ts";

/** The coder's own look says that everything changed is good. */
export const greenCheck: CheckFor = (workspace) => async () => {
  const changed = (await workspace.diff()) !== "";
  return { reproductionPassed: changed, suitePassed: true, summary: changed ? "all is well" : "it crashes" };
};

/** No test of its own is written. */
export const noReproducer: Reproducer = {
  find: async () => ({ kind: "none", notes: [], tokens: 0 }),
  pin: async ({ test }) => test,
};

/**
 * The worst case for a gate: every command was red before and green after, in the strongest sandbox. `observed` gets the
 * ticket, and the id of the Event that the proof was made with.
 */
export function greenGatherer(observed: (proof: { ticketId: string; eventId: string }) => void): EvidenceGatherer {
  return {
    async gather({ workspace, event, diff, patchDigest }) {
      observed({ ticketId: workspace.ticketId, eventId: event.id });
      const applied = await workspace.apply(diff);
      const bound = { patchDigest, baseCommit: workspace.baseCommit };
      if (applied.kind === "conflict") return buildEvidence({ ...bound, grade: "none", shortfalls: ["apply"] });
      const { reproduceCommand } = workspace.service;
      return buildEvidence({
        ...bound,
        ...(reproduceCommand === undefined && { reproduction: { kind: "call" as const, origin: "captured" as const } }),
      });
    },
  };
}

/** A production where every deployment works. `deployed` gets every order. */
export function obligingTarget(first: string, deployed: (order: DeployOrder) => void): DeployTarget {
  let live = first;
  const done = { end: { kind: "exit" as const, code: 0 }, stdout: "", stderr: "", durationMs: 1 };
  return {
    async deploy(_service, order) {
      live = order.commit;
      deployed(order);
      return done;
    },
    async rollback(_service, { previousCommit }) {
      live = previousCommit;
      return done;
    },
    health: async () => ({ kind: "healthy" }),
    liveCommit: async () => live,
  };
}
