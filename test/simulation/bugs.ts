import { SelfhealError } from "../../src/domain/errors.ts";
import type { DeployTarget } from "../../src/domain/ports/deployTarget.ts";
import type { Nodes } from "../../src/graph/graph.ts";
import type { EmbeddedStores } from "../../src/store/embedded.ts";
import type { World } from "./world.ts";

/** A fault that is put into the program for the simulation to find: it wraps what the process is made of. */
export interface Bug {
  name: string;
  stores?(stores: EmbeddedStores, world: World): EmbeddedStores;
  nodes?(nodes: Nodes, world: World): Nodes;
  target?(target: DeployTarget, world: World): DeployTarget;
}

/** Each must be found. */
export const bugs: readonly Bug[] = [
  {
    name: "the kill switch is not read",
    stores: (stores) => ({ ...stores, settings: { ...stores.settings, get: async () => null } }),
  },
  {
    name: "the wake-up after a deployment is lost",
    stores: (stores) => {
      const set: typeof stores.wakeUps.set = async (wakeUp) =>
        wakeUp.kind === "verify" ? undefined : stores.wakeUps.set(wakeUp);
      return { ...stores, wakeUps: { ...stores.wakeUps, set } };
    },
  },
  {
    name: "a deployment is tried again blindly",
    target: (target) => ({
      ...target,
      async deploy(service, order, signal) {
        await target.deploy(service, order, signal);
        return target.deploy(service, order, signal);
      },
    }),
  },
  {
    name: "the effect comes before the intent is written",
    target: (target, { disk }) => ({
      ...target,
      deploy(service, order, signal) {
        disk.sqlite.prepare("DELETE FROM deployments WHERE service = ?").run(service.name);
        return target.deploy(service, order, signal);
      },
    }),
  },
  {
    name: "a no is taken for a yes",
    stores: (stores) => {
      const update: typeof stores.tickets.update = (id, change) =>
        stores.tickets.update(id, (ticket) => {
          const changed = change(ticket);
          const decisions = changed.decisions?.map((d) =>
            d.type === "reject" ? { ...d, type: "approve" as const } : d,
          );
          return { ...changed, ...(decisions && { decisions }) };
        });
      return { ...stores, tickets: { ...stores.tickets, update } };
    },
  },
  {
    name: "the gate lets through what it should ask about",
    nodes: (nodes, world) => ({
      ...nodes,
      async gate(state, signal, run) {
        const update = await nodes.gate(state, signal, run);
        if (update.verdict !== "ask") return update;
        await world.process.stores.tickets.update(state.ticketId, ({ gate }) => {
          if (gate === null) throw new SelfhealError("planted", "the gate decided nothing");
          return { gate: { ...gate, verdict: "auto" } };
        });
        return { ...update, verdict: "auto" };
      },
    }),
  },
];
