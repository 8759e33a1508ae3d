import { systemForGraph } from "../main.ts";

/**
 * The entry that langgraph.json names. In `selfheal serve` this is the graph of the running system. In
 * `langgraphjs dev` the system is opened here, from the configuration in the current folder.
 */
export const graph = async () => (await systemForGraph()).graph;
