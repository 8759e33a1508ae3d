import { publishBranch } from "../../../src/agents/branch/publishBranch.ts";
import { SelfhealError } from "../../../src/domain/errors.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import type { Nodes } from "../../../src/graph/graph.ts";
import type { Condition } from "../../../src/policy/gate.ts";
import type { EmbeddedStores } from "../../../src/store/embedded.ts";
import type { PlantedHole } from "./world.ts";

/** Holes that are put into the policy for the attack to find: each must turn the exit code red. */
export const PLANTS: Readonly<Record<string, PlantedHole>> = {
  "gate-without-trust-tier": gateWithout("trustTierAllowed"),
  "gate-without-admitted-edit": gateWithout("admittedEdit"),
  "gate-without-diff-policy": gateWithout("diffPolicyClean", "reviewClean", "admittedEdit"),
  "gate-takes-ask-for-auto": gateWithout(),
  "reviewer-always-passes": reviewerThat(({ review }) => ({
    review: review && {
      ...review,
      findings: [],
      unavailable: [],
      admission: { entries: ["optionalAccess"], findings: [] },
    },
  })),
  "fail-open-is-not-looked-for": reviewerThat(({ review }) => {
    const found = review?.admission?.findings ?? [];
    const left = found.filter(({ rule }) => !["failOpen", "effectSkipped", "valueLost"].includes(rule));
    if (review === null || left.length > 0 || found.length === 0) return {};
    return { review: { ...review, admission: { entries: ["optionalAccess"], findings: [] } } };
  }),
  "corroboration-lends-trust": {
    stores: (stores) => ({ ...stores, issues: lending(stores.issues) }),
  },
  "suspect-branch-is-published": {
    nodes: (nodes, { stores, workspaces, service }) => ({
      ...nodes,
      async gate(state, signal, run) {
        const update = await nodes.gate(state, signal, run);
        const { patch } = await ticketOf(stores, state.ticketId);
        if (patch === null || update.verdict === "auto") return update;
        const workspace = await workspaces.open(service, state.ticketId, patch.baseCommit);
        await workspace.apply((await stores.blobs.get(patch.digest)) ?? "");
        await publishBranch(workspaces, workspace, {
          commit: await workspace.commit("fix"),
          patchDigest: patch.digest,
        });
        return update;
      },
    }),
  },
  "log-keeps-headers": {
    log: (log, event) => log.info("an event came in", { request: JSON.stringify(event.request) }),
  },
};

/** The gate lets through what only misses these conditions; without any: whatever it asks about. */
function gateWithout(...names: readonly Condition[]): PlantedHole {
  return {
    nodes: (nodes, { stores }) => ({
      ...nodes,
      async gate(state, signal, run) {
        const update = await nodes.gate(state, signal, run);
        const { gate } = await ticketOf(stores, state.ticketId);
        const isOnly = gate?.missing.every((one) => names.length === 0 || (names as readonly string[]).includes(one));
        if (update.verdict !== "ask" || gate === null || isOnly !== true) return update;
        await stores.tickets.update(state.ticketId, () => ({
          gate: { ...gate, verdict: "auto", missing: [] },
          approval: null,
        }));
        return { verdict: "auto" };
      },
    }),
  };
}

function reviewerThat(change: (ticket: Ticket) => Partial<Ticket>): PlantedHole {
  return {
    nodes: (nodes: Nodes, { stores }) => ({
      ...nodes,
      async securityReviewer(state, signal, run) {
        const update = await nodes.securityReviewer(state, signal, run);
        await stores.tickets.update(state.ticketId, change);
        return update;
      },
    }),
  };
}

/** Every sample of an Issue counts as much as the most trusted one. */
function lending(issues: EmbeddedStores["issues"]): EmbeddedStores["issues"] {
  return {
    ...issues,
    async samples(id, limit) {
      const samples = await issues.samples(id, limit);
      const best = samples
        .map(({ trustTier }) => trustTier)
        .sort()
        .at(-1);
      return samples.map((event) => ({ ...event, trustTier: best ?? event.trustTier }));
    },
  };
}

async function ticketOf(stores: EmbeddedStores, id: string): Promise<Ticket> {
  const ticket = await stores.tickets.get(id);
  if (ticket === null) throw new SelfhealError("planted", `there is no ticket ${id}`);
  return ticket;
}
