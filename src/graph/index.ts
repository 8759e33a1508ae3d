import { systemForGraph } from "../main.ts";

/**
 * What langgraph.json names. In `selfheal serve` this is the running system's graph; in `langgraphjs dev` the system is
 * opened here, from the configuration in the current folder.
 */
export const graph = async () => (await systemForGraph()).graph;
