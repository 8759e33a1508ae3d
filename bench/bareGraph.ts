import { randomUUID } from "node:crypto";
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";

const State = Annotation.Root({ entry: Annotation<number>, step: Annotation<number> });
type Node = "__start__" | `n${number}`;

/**
 * What LangGraph alone costs: nodes that do nothing, in a row, on this saver, `durability: "sync"`. As a heal has them: so
 * many steps of a first run, and so many of a second one on the same thread.
 */
export function createBareGraph(saver: BaseCheckpointSaver, [first, second]: readonly [number, number]) {
  const all = first + second;
  const name = (step: number): Node => `n${step}`;
  let built = new StateGraph(State) as StateGraph<typeof State.spec, typeof State.State, typeof State.Update, Node>;
  for (let step = 0; step < all; step += 1) built = built.addNode(name(step), async () => ({ step })) as typeof built;
  built.addConditionalEdges(START, ({ entry }) => name(entry), [name(0), name(first)]);
  for (let step = 0; step < all; step += 1) {
    if (step === first - 1 || step === all - 1) built.addEdge(name(step), END);
    else built.addEdge(name(step), name(step + 1));
  }
  const graph = built.compile({ checkpointer: saver });
  return async (): Promise<void> => {
    const configurable = { thread_id: randomUUID() };
    const options = { configurable, durability: "sync", streamMode: "updates" } as const;
    for (const entry of [0, first]) for await (const _ of await graph.stream({ entry, step: 0 }, options));
  };
}
