import { EventEmitter, once } from "node:events";
import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { createGraph, type Nodes } from "../../../src/graph/graph.ts";
import { fenced, runFenced } from "../../../src/graph/wrappers/fenceAbandonedNodes.ts";

describe("a step that was given up", () => {
  it("changes nothing any more, while others go on", async () => {
    const written: string[] = [];
    const port = fenced({ limit: 3, write: async (text: string) => void written.push(text) });
    const giveUp = new AbortController();
    const late = runFenced(giveUp.signal, async () => {
      await port.write("in time");
      giveUp.abort();
      await port.write("too late");
    });
    await expect(late).rejects.toMatchObject({ code: "fenced" });
    await runFenced(new AbortController().signal, () => port.write("another step"));
    await port.write("no step at all");
    expect(written).toEqual(["in time", "another step", "no step at all"]);
    expect(port.limit).toBe(3);
  });

  it("nor does what it had asked for in time, when the turn of that comes", async () => {
    const turn = new EventEmitter();
    const written: string[] = [];
    const book = fenced({
      update: async (change: () => string) => {
        await once(turn, "comes");
        written.push(change());
      },
    });
    const giveUp = new AbortController();
    const asked = runFenced(giveUp.signal, () => book.update(() => "planning"));
    giveUp.abort();
    turn.emit("comes");
    await expect(asked).rejects.toMatchObject({ code: "fenced" });
    expect(written).toEqual([]);
  });

  it("is fenced in the graph once LangGraph has taken its time from it", async () => {
    const written: string[] = [];
    const port = fenced({ write: async (text: string) => void written.push(text) });
    const stopped = new EventEmitter();
    const slow = async () => {
      await once(stopped, "goesOn");
      await port.write("planned").catch((error: unknown) => stopped.emit("refused", error));
      return {};
    };
    const escalation = async () => {
      await port.write("escalated");
      return { question: "none" } as const;
    };
    const graph = createGraph({
      nodes: { planner: slow, escalation } as unknown as Nodes,
      question: () => Promise.reject(new Error("nobody is asked")),
      checkpointer: new MemorySaver(),
      maxAttempts: 1,
      nodeTimeoutMs: 10_000,
      commandTimeoutMs: 20,
    });
    const thread = { configurable: { thread_id: "t" } };
    await graph.invoke({ entry: "ticket", ticketId: "t" }, thread);
    const refusal = once(stopped, "refused");
    stopped.emit("goesOn");
    expect(await refusal).toMatchObject([{ code: "fenced" }]);
    expect(written).toEqual(["escalated"]);
  });
});
