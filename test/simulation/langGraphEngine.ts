import { Command, MemorySaver } from "@langchain/langgraph";
import type { SelfhealGraph } from "../../src/graph/graph.ts";
import type { Engine } from "./engine.ts";

/** LangGraph's own saver in memory, which keeps nothing of what a process writes after it was lost. */
export function savingWhile(saver: MemorySaver, alive: () => boolean): MemorySaver {
  const mine = new MemorySaver();
  mine.storage = saver.storage;
  mine.writes = saver.writes;
  const put = mine.put.bind(mine);
  const putWrites = mine.putWrites.bind(mine);
  const never = new Promise<never>(() => undefined);
  mine.put = (...args) => (alive() ? put(...args) : never);
  mine.putWrites = (...args) => (alive() ? putWrites(...args) : never);
  return mine;
}

/** The real thing: LangGraph runs the graph. */
export function createLangGraphEngine(graph: SelfhealGraph): Engine {
  const configOf = (threadId: string) => ({ configurable: { thread_id: threadId } });
  return {
    async run(threadId, way) {
      if (way.kind === "answer") await graph.invoke(new Command({ resume: way.answers }), configOf(threadId));
      else await graph.invoke(way.kind === "input" ? way.input : null, configOf(threadId));
    },
    async look(threadId) {
      const state = await graph.getState(configOf(threadId));
      return {
        started: state.config.configurable?.checkpoint_id !== undefined,
        next: state.tasks.length,
        open: state.tasks.flatMap((task) => task.interrupts.flatMap((i) => i.id ?? [])),
        state: state.values,
      };
    },
  };
}
