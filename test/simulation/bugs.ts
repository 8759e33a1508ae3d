import type { DeployTarget } from "../../src/domain/ports.ts";
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

export const bugs: Record<string, Bug> = {};
